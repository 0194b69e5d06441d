"""Whether the limit did the same job: its tables against the pipeline's, value by value."""

from pathlib import Path

import duckdb

from ingestion.sql import only_row

_DIGITS = 9


class DifferentMartsError(RuntimeError):
    """The limit and the pipeline did not make the same rows; the message names the tables."""


def check_same(limit: Path, warehouse: Path) -> None:
    """Compare every table and column that the limit makes. Raises DifferentMartsError."""
    differing = differences(limit, warehouse)
    if differing:
        raise DifferentMartsError(
            "the limit did another job than the pipeline: "
            + "; ".join(f"{table}: {what}" for table, what in differing.items())
            + ". Correct benchmarks/limit/*.sql, or the model"
        )


def differences(limit: Path, warehouse: Path) -> dict[str, str]:
    """What differs, by table; empty where all rows are the same."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{limit}' as the_limit (read_only)")
        # Under its own name: a mart that is a view names the catalog of the tables it reads.
        connection.execute(f"attach '{warehouse}' (read_only)")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where database_name = 'the_limit' and not temporary order by 1"
        ).fetchall()
        found = {table: _difference(connection, table, warehouse.stem) for (table,) in tables}
    return {table: what for table, what in found.items() if what}


def _difference(connection: duckdb.DuckDBPyConnection, table: str, catalog: str) -> str:
    """The limit makes the columns that cost; names and labels beside them are the models'."""
    made, modelled = (_types(connection, f"{place}.{table}") for place in ("the_limit", catalog))
    missing = made.keys() - modelled.keys()
    if missing:
        return f"with {', '.join(sorted(missing))}, which the model does not have"
    columns = {name: modelled[name] for name in made}
    ours, theirs = (
        _digest(connection, f"{place}.{table}", columns) for place in (catalog, "the_limit")
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
