"""The backtest of the signals with other rules, on a copy: nothing that exists is changed.

The same models compute it that fill the mart. What lies upstream of the rules and of the days to be
scanned is copied from the warehouse, what depends on them is built there.
"""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from ingestion.errors import UserError
from ingestion.seeds.signal_rules import closed_at_once, steady_parameters
from ingestion.settings import Settings
from ingestion.sql import literal, only_row, quoted
from orchestration.transformation import what_if_graph as graph
from orchestration.transformation.arguments import GLOBAL_FLAGS, what_if_arguments
from orchestration.transformation.built import reading_what_is_built
from orchestration.transformation.project import (
    PROJECT_DIR,
    dbt_environment,
    dbt_executable,
    ensure_manifest,
)
from orchestration.transformation.seeds import copy_seeds

_LEAST, _BELOW = 0, 10**12  # what a parameter may be, as the models read it: decimal(18, 6)
_LAST_LINES = 8

Row = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """A parameter of the rules, as it is for the company and as it is to be tried."""

    signal_type: str
    parameter: str
    value_now: float | None  # none where the parameter has no row: then it is neutral
    value: float

    @property
    def name(self) -> str:
        """As on the command line."""
        return f"{self.signal_type}.{self.parameter}"


@dataclass(frozen=True)
class Comparison:
    """The backtest of a company as it is and with changed rules: rows of the mart, by type."""

    company: Row
    changes: list[Change]
    warnings: list[str]
    current: list[Row]
    changed: list[Row]

    def facts(self) -> Row:
        """For programs."""
        return {
            "company_id": self.company["company_id"],
            "as_of_date": self.company["as_of_date"],
            "changes": [asdict(change) for change in self.changes],
            "warnings": self.warnings,
            "current": self.current,
            "changed": self.changed,
        }


def backtest_with(
    settings: Settings, company_id: str, values: Mapping[tuple[str, str], str]
) -> Comparison:
    """Compare the backtest of the last build with one under other rules.

    ``values`` are texts by (signal type, parameter). Raises UserError where a parameter or value
    makes no sense, or where there is no warehouse to read.
    """
    if settings.target != "duckdb":
        raise UserError("--set works on a DuckDB warehouse only (SAAS_TRACKER_TARGET)")
    with TemporaryDirectory(prefix="backtest-") as folder:
        copy = Path(folder) / "backtest_copy.duckdb"
        with (
            reading_what_is_built(
                settings, "the backtest is not built: run `saas-tracker run` first"
            ),
            duckdb.connect(str(copy)) as connection,
        ):
            # Under its own name, because views name the catalog of what they read.
            connection.execute(f"attach {literal(settings.warehouse)} (read_only)")
            source = quoted(settings.warehouse.stem)
            company = _company(connection, source, company_id)
            rules = _rules(connection, source, company_id)
            changes = [_change(rules, name, text) for name, text in values.items()]
            current = _backtest(connection, company_id, f"{source}.")
            manifest = json.loads(ensure_manifest(settings).read_text())
            _copy_inputs(connection, source, graph.inputs(manifest), company_id)
            _apply(connection, company_id, changes)
        _build(settings, copy, company["as_of_date"], graph.built(manifest))
        with duckdb.connect(str(copy), read_only=True) as connection:
            changed = _backtest(connection, company_id)
    tried = rules | {(c.signal_type, c.parameter): c.value for c in changes}
    warnings = [words for _, words in closed_at_once(tried)]
    return Comparison(company, changes, warnings, current, changed)


def _rules(
    connection: duckdb.DuckDBPyConnection, source: str, company_id: str
) -> dict[tuple[str, str], float | None]:
    """Every parameter that the company's signals have; none where it has no row."""
    rows = _rows(connection, f"from {source}.staging.{graph.RULES}", company_id)
    known = {
        (signal_type, parameter): None
        for signal_type in {row["signal_type"] for row in rows}
        for parameter in steady_parameters(signal_type)
    }
    return known | {(row["signal_type"], row["parameter"]): row["value"] for row in rows}


def _copy_inputs(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    tables: Iterable[tuple[str, str]],
    company_id: str,
) -> None:
    for schema, table in tables:
        connection.execute(f"create schema if not exists {schema}")
        columns = connection.execute(f"describe {source}.{schema}.{table}").fetchall()
        has_company = "company_id" in {column[0] for column in columns}
        connection.execute(
            f"create table {schema}.{table} as from {source}.{schema}.{table}"
            + (f" where company_id in ({literal(company_id)}, '*')" if has_company else "")
        )


def _apply(
    connection: duckdb.DuckDBPyConnection, company_id: str, changes: Iterable[Change]
) -> None:
    """Give the copy of the company own rows of the rules."""
    for change in changes:
        key = [company_id, change.signal_type, change.parameter]
        connection.execute(
            "delete from seeds.signal_rules"
            " where company_id = $1 and signal_type = $2 and parameter = $3",
            key,
        )
        connection.execute(
            "insert into seeds.signal_rules (company_id, signal_type, parameter, value)"
            " values ($1, $2, $3, $4)",
            [*key, change.value],
        )


def _company(connection: duckdb.DuckDBPyConnection, source: str, company_id: str) -> Row:
    found = _rows(connection, f"from {source}.marts.companies", company_id)
    if not found:
        (known,) = only_row(
            connection.execute(
                "select string_agg(company_id, ', ' order by company_id)"
                f" from {source}.marts.companies"
            )
        )
        raise UserError(f"unknown company {company_id!r}; built are: {known or 'none'}")
    return found[0]


def _change(
    rules: Mapping[tuple[str, str], float | None], name: tuple[str, str], text: str
) -> Change:
    given = ".".join(name)
    if name not in rules:
        known = ", ".join(sorted(".".join(key) for key in rules))
        raise UserError(f"there is no parameter {given}; there are: {known}")
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not _LEAST <= value < _BELOW:
        raise UserError(f"{given}={text}: the value must be a number from 0 up, such as 0.6 or 20")
    return Change(*name, value_now=rules[name], value=float(value))


def _build(settings: Settings, copy: Path, as_of: date, models: Iterable[str]) -> None:
    seeds = copy_seeds(settings)
    done = subprocess.run(
        [
            str(dbt_executable()),
            *GLOBAL_FLAGS,
            *what_if_arguments(models),
        ],
        cwd=PROJECT_DIR,
        env={
            **os.environ,
            **dbt_environment(settings, seeds, as_of),
            "SAAS_TRACKER_WAREHOUSE": str(copy),
            "DBT_TARGET_PATH": str(copy.parent / "target"),
            "DBT_LOG_PATH": str(copy.parent),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_LAST_LINES:])
        raise UserError(f"the backtest could not be built:\n{words}")


def _backtest(
    connection: duckdb.DuckDBPyConnection, company_id: str, catalog: str = ""
) -> list[Row]:
    found = _rows(connection, f"from {catalog}marts.{graph.RESULT}", company_id)
    return sorted(found, key=lambda row: row["signal_type"])


def _rows(connection: duckdb.DuckDBPyConnection, source: str, company_id: str) -> list[Row]:
    cursor = connection.execute(f"select * {source} where company_id = $1", [company_id])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
