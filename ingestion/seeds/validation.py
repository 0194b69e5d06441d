"""Every problem of the reference data, before anything is loaded."""

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import duckdb

from ingestion.errors import UserError
from ingestion.seeds.across_rows import ACROSS_ROWS
from ingestion.seeds.description import Seed, read_description
from ingestion.seeds.problems import Problem, shown
from ingestion.seeds.reading import SeedTable, read_table
from ingestion.seeds.rules import EVERY, RULES, Judged
from ingestion.seeds.values import complaint
from ingestion.settings import PROJECT_ROOT, Settings

DEFAULT_SEEDS = PROJECT_ROOT / "seeds"
REQUIRED_SEEDS = ("companies.csv", "applications.csv")

FormerCompanies = Callable[[], frozenset[str]]


class ReferenceDataError(UserError):
    """Reference data that has to be corrected before anything is loaded."""

    def __init__(self, errors: list[Problem]) -> None:
        if len(errors) == 1:
            super().__init__(str(errors[0]))
        else:
            super().__init__(
                f"{len(errors)} mistakes in the reference data (saas-tracker doctor lists them);"
                f" the first: {errors[0]}"
            )
            self.lines = tuple(map(str, errors))
        self.errors = errors


def raise_if_wrong(settings: Settings) -> None:
    """Raise ReferenceDataError unless the reference data can be loaded."""
    if errors := [problem for problem in validate(settings) if not problem.is_warning]:
        raise ReferenceDataError(errors)


def validate(settings: Settings) -> list[Problem]:
    """Every problem, by file and line; warnings are among them."""
    folder = settings.seeds
    missing = [name for name in REQUIRED_SEEDS if not (folder / name).is_file()]
    if missing:
        message = "is missing; SAAS_TRACKER_SEEDS names its folder"
        return [Problem(_label(folder / name), None, message) for name in missing]
    problems = _judged_files(folder, _signature(folder))
    if any(not problem.is_warning for problem in problems):
        # Whether a company that is not registered has left, only the warehouse knows.
        problems = _judged(folder, cache(lambda: companies_with_data(settings)))
    return list(problems)


@lru_cache(maxsize=8)  # a run asks several times, and reading takes a quarter of a second
def _judged_files(folder: Path, _state: tuple[tuple[str, int, int], ...]) -> tuple[Problem, ...]:
    return _judged(folder, frozenset)


def _signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of the files, which change with them."""
    stats = [(file.name, file.stat()) for file in sorted(folder.glob("*.csv"))]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _judged(folder: Path, former: FormerCompanies) -> tuple[Problem, ...]:
    tables = {name: _read(folder, seed) for name, seed in read_description().items()}
    # Rows that are missing because of their form would be missed by the rules.
    if all(table.is_right for table in tables.values()):
        _apply_rules(tables, former)
    problems = [problem for table in tables.values() for problem in table.problems]
    by_place = sorted(problems, key=lambda problem: (problem.file, problem.line or 0))
    return tuple(dict.fromkeys(by_place))


def companies_with_data(settings: Settings) -> frozenset[str]:
    """Companies of which files were loaded: each was registered once."""
    if not settings.warehouse.exists():
        return frozenset()
    try:
        with duckdb.connect(str(settings.warehouse)) as connection:
            found = connection.execute("select distinct company_id from raw.loaded_files")
            return frozenset(company_id for (company_id,) in found.fetchall())
    except duckdb.Error:  # nothing was loaded yet, or another process has it
        return frozenset()


def _read(folder: Path, seed: Seed) -> SeedTable:
    own = folder / seed.file
    if own.is_file():
        return read_table(own, seed, _label(own))
    table = read_table(DEFAULT_SEEDS / seed.file, seed, seed.file)
    # The project's own rows for all companies stand in for a file that is absent.
    table.rows = [row for row in table.rows if row.cells.get("company_id", EVERY) == EVERY]
    return table


def _apply_rules(tables: dict[str, SeedTable], former: FormerCompanies) -> None:
    with duckdb.connect() as database:
        for table in tables.values():
            _check_types(table)
            for rule in table.seed.rules:
                RULES[rule.name](Judged(table, rule, tables, former, database))
    for check in ACROSS_ROWS:
        check(tables)


def _check_types(table: SeedTable) -> None:
    for row in table.rows:
        for column, text in row.cells.items():
            expected = complaint(text, table.seed.columns[column]) if text else None
            if expected is not None:
                table.object_to(row.line, f"{column} {shown(text)} is not {expected}")


def _label(path: Path) -> str:
    """The file as messages name it: relative to the project where it is part of it."""
    return str(path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path)
