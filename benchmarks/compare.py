"""Whether the limit did the same job: its marts against the pipeline's, value by value."""

from pathlib import Path

import duckdb

from ingestion.sql import only_row

LEFT_OUT = {"mrr_restatements", "revenue_retention"}
"""Marts of the contract that the script does not make: they need past imports, and past months."""

MODEL_COLUMNS = {"model_version", "entered_on", "exited_on"}
"""Columns beyond the contract, of marts that the script does make."""

_DIGITS = 9


class DifferentMartsError(RuntimeError):
    """The limit and the pipeline did not make the same rows; the message names the marts."""


def check_same(limit: Path, warehouse: Path) -> None:
    """Compare every mart that the limit makes. Raises DifferentMartsError."""
    differing = differences(limit, warehouse)
    if differing:
        raise DifferentMartsError(
            "the limit did another job than the pipeline: "
            + "; ".join(f"{mart}: {what}" for mart, what in differing.items())
            + ". Correct benchmarks/limit/*.sql, or the model"
        )


def differences(limit: Path, warehouse: Path) -> dict[str, str]:
    """What differs, by mart; empty where all rows are the same."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{limit}' as limit_marts (read_only)")
        # Under its own name: a mart that is a view names the catalog of the tables it reads.
        connection.execute(f"attach '{warehouse}' (read_only)")
        marts = connection.execute(
            "select table_name from duckdb_tables()"
            " where database_name = 'limit_marts' and schema_name = 'marts' order by 1"
        ).fetchall()
        found = {mart: _difference(connection, mart, warehouse.stem) for (mart,) in marts}
    return {mart: what for mart, what in found.items() if what}


def _difference(connection: duckdb.DuckDBPyConnection, mart: str, catalog: str) -> str:
    here = f"limit_marts.marts.{mart}"
    types = _types(connection, f"{catalog}.marts.{mart}")
    missing = set(types) - set(_types(connection, here)) - MODEL_COLUMNS
    if missing:
        return f"without {', '.join(sorted(missing))}"
    columns = {name: kind for name, kind in types.items() if name not in MODEL_COLUMNS}
    ours, theirs = (
        _digest(connection, table, columns) for table in (f"{catalog}.marts.{mart}", here)
    )
    if ours[0] != theirs[0]:
        return f"{theirs[0]:,} rows, not {ours[0]:,}"
    names = [name for name, a, b in zip(columns, ours[2:], theirs[2:], strict=True) if a != b]
    if names:
        return f"other values of {', '.join(names)}"
    return "" if ours == theirs else "the same values in other rows"


def _types(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}


def _digest(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]
) -> tuple[int, ...]:
    """Rows, a sum over hashes of whole rows, and one per column: the order does not matter."""
    values = [
        f"round({name}::double, {_DIGITS})" if kind == "DOUBLE" else f"{name}::{kind}"
        for name, kind in columns.items()
    ]
    sums = ", ".join(f"sum(hash({value}))" for value in (", ".join(values), *values))
    return only_row(connection.execute(f"select count(*), {sums} from {table}"))
