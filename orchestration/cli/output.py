"""What the commands print: tables for people, JSON for programs, one line for an error."""

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from orchestration.platform.plain_text import visible, without_formula

_FRAME = 3  # a column's padding and border
_NARROWEST = 20
_LAYOUT = "\n\t"
_UPPER_CONTROLS = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200e\u200f\u061c\ud800-\udfff]")


def fail(message: str, code: int) -> int:
    """Print the line on stderr and return the exit code."""
    print(f"saas-tracker: {visible(message)}", file=sys.stderr)  # noqa: T201
    return code


def note(message: str) -> None:
    """Tell a person something beside the result."""
    print(visible(message, _LAYOUT), file=sys.stderr)  # noqa: T201


def error_line(message: str) -> str:
    """The message as one line."""
    return " ".join(line.strip() for line in message.splitlines() if line.strip())


def print_json(value: Any) -> None:
    """Print the value: dates in ISO 8601, decimals as numbers."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, indent=2)
    # In a terminal the upper control characters work, too; as \u escapes they are the same JSON.
    sys.stdout.write(_UPPER_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")
    sys.stdout.flush()


def print_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Print rows with a header; nothing for null, days and times in ISO 8601, no formulas."""
    writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _csv_cell(value) for name, value in row.items()})
    sys.stdout.flush()


def print_heading(about: dict[str, Any], what: str) -> None:
    """Print whose numbers follow, of which day, and what they are."""
    print_line(f"{about['name']} ({about['company_id']}), as of {about['as_of_date']}: {what}")


def print_line(text: str = "") -> None:
    """Print a line of the result."""
    console().print(visible(text, _LAYOUT), highlight=False, markup=False, soft_wrap=True)


def print_table(
    title: str | None,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    numbers: Sequence[str] = (),
) -> None:
    """Print rows as a table; the columns named in ``numbers`` are aligned to the right.

    Where the screen is too narrow, the widest other column is folded.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    screen, lines = console(), [[cell(value) for value in row] for row in rows]
    widths = _widths(columns, lines, numbers, screen.width)
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
    for column, width in zip(columns, widths, strict=True):
        is_number = column in numbers
        table.add_column(
            column,
            justify="right" if is_number else "left",
            no_wrap=is_number,
            overflow="fold",
            width=width,
        )
    for line in _tall(lines, widths):
        table.add_row(*map(Text, line))
    screen.print(table)


def _widths(
    columns: Sequence[str], lines: list[list[str]], numbers: Sequence[str], screen: int
) -> list[int | None]:
    """The width of each column; None for all where folding one of them is not enough."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(columns, *lines, strict=True)]
    missing = sum(widths) + _FRAME * len(widths) + 1 - screen
    if missing <= 0:
        return list(widths)
    texts = [place for place, name in enumerate(columns) if name not in numbers]
    widest = max(texts, key=widths.__getitem__, default=None)
    if widest is None or widths[widest] - missing < _NARROWEST:
        return [None] * len(columns)
    return [*widths[:widest], widths[widest] - missing, *widths[widest + 1 :]]


def _tall(lines: list[list[str]], widths: list[int | None]) -> Iterator[Sequence[str]]:
    """Lines that need no folding as one row of tall cells.

    That looks the same, and is laid out in a third of the time.
    """
    from rich.cells import cell_len

    def is_flat(line: list[str]) -> bool:
        return all(
            width is not None and text.isprintable() and cell_len(text) <= width
            for text, width in zip(line, widths, strict=True)
        )

    for flat, group in groupby(lines, key=is_flat):
        yield from [["\n".join(column) for column in zip(*group, strict=True)]] if flat else group


def cell(value: Any) -> str:
    """A value as people read it: nothing for null, thousands apart, days without times."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, Decimal)):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return visible(str(value))


def percent(value: float | None) -> str:
    """A share or rate in percent, or nothing."""
    return "" if value is None else f"{100 * value:.1f} %"


def interval(low: float | None, high: float | None) -> str:
    """Both bounds of a share in percent, or nothing."""
    return "" if low is None or high is None else f"{100 * low:.1f}-{100 * high:.1f} %"


def console() -> Any:
    """A console on stdout that does not fold tables to 80 columns where nobody looks."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    return Console(file=sys.stdout, width=width, highlight=False)


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, (date, datetime)) else without_formula(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)
