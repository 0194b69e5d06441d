"""A CSV of reference data as rows with line numbers, and what is wrong with its form."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.seeds.description import Seed
from ingestion.seeds.problems import Problem, nearest_word, not_one_of, shown

MAX_CELL_CHARACTERS = 4096


@dataclass(frozen=True)
class Row:
    """One record; ``cells`` holds the columns of the description that the file has."""

    line: int
    cells: dict[str, str]


@dataclass
class SeedTable:
    """The readable rows of a file, and what keeps others from being read.

    ``label`` is the file as messages name it.
    """

    seed: Seed
    label: str
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether nothing but warnings was found so far."""
        return all(problem.is_warning for problem in self.problems)

    def object_to(self, line: int | None, message: str, *, is_warning: bool = False) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.label, line, message, is_warning))

    def values(self, column: str) -> list[str]:
        """The filled cells of a column, in the order of the file."""
        return [row.cells[column] for row in self.rows if row.cells.get(column)]


def read_table(path: Path, seed: Seed, label: str) -> SeedTable:
    """Read a file. What cannot be read is among the problems of the table."""
    table = SeedTable(seed, label)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"0x{data[error.start]:02x}"
        table.object_to(line, f"byte {byte} is not UTF-8; save the file as CSV (UTF-8)")
        return table
    records = _records(table, text)
    line, header = next(records, (1, []))
    places = _places(table, header)
    for line, cells in records:
        if len(cells) == len(header):
            table.rows.append(Row(line, {name: cells[at] for name, at in places.items()}))
        else:
            table.object_to(line, f"{len(cells)} cells, but the header has {len(header)}")
    return table


def _records(table: SeedTable, text: str) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, with the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            longest = max(map(len, cells), default=0)
            if longest > MAX_CELL_CHARACTERS:
                message = f"a cell of {longest:,} characters; at most {MAX_CELL_CHARACTERS:,}"
                table.object_to(line, f"{message} (a quote that is not closed?)")
            elif any("\0" in cell for cell in cells):
                table.object_to(line, "a cell holds a NUL character")
            elif any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        table.object_to(line, f"not a CSV row from here on ({error}): is a quote not closed?")


def _places(table: SeedTable, header: list[str]) -> dict[str, int]:
    """Where the described columns stand. Their order is fixed; last ones may be absent."""
    described = list(table.seed.columns)
    if not header:
        table.object_to(1, f"no header; the columns are {', '.join(described)}")
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        table.object_to(1, f"the header {shown(header[0])} has no commas; save with commas")
        return {}
    for name in {name for name in header if header.count(name) > 1}:
        table.object_to(1, f"column {shown(name)} comes twice")
    absent = [name for name in described if name not in header]
    for name in dict.fromkeys(header):
        if name not in described and nearest_word(name, absent) is not None:
            table.object_to(1, not_one_of("column", name, absent))
        elif name not in described:
            table.object_to(1, f"column {shown(name)} is unknown and ignored", is_warning=True)
    found = [name for name in header if name in described]
    expected = [name for name in described if name in found]
    if found != expected and len(found) == len(expected):
        table.object_to(1, f"the columns stand in another order than {', '.join(expected)}")
    return {name: header.index(name) for name in expected}
