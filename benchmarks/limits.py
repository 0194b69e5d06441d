"""The limits: what DuckDB takes for the same work, written as plainly as it goes.

Each is a program of its own, so that it is measured like a stage:
``python -m benchmarks.limits load LANDING FILE`` and so on.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import duckdb
import typer

_SCRIPTS = Path(__file__).parent / "limit"
# Narrower types than detection would find, and no look at the first lines: the faster way.
_COLUMNS = {
    "event_id": "varchar",
    "event": "varchar",
    "user_hash": "varchar",
    "customer_org_id": "varchar",
    "path": "varchar",
    "session_id": "varchar",
    "ts_epoch": "bigint",
    "received_at": "bigint",
    "environment": "varchar",
}

app = typer.Typer(help="Programs that do the least that a stage can cost.")
Target = Annotated[Path, typer.Argument(help="What is written.")]


@app.command()
def load(landing: Path, target: Target) -> None:
    """The event files into a DuckDB file, unchecked."""
    with _new(target) as connection:
        files = _files(landing, "jsonl*")
        connection.execute(
            "create table events as select *, filename from read_json("
            "$files, columns = $columns, format = 'newline_delimited', filename = true,"
            " ignore_errors = true)".replace("$columns", str(_COLUMNS)),
            {"files": files},
        )


@app.command()
def load_parquet(landing: Path, target: Target) -> None:
    """The Parquet event files into a DuckDB file."""
    with _new(target) as connection:
        files = _files(landing, "parquet")
        connection.execute(
            "create table events as select * from"
            " read_parquet($files, union_by_name = true, filename = true)",
            {"files": files},
        )


@app.command()
def transform(warehouse: Path, as_of: str, target: Target) -> None:
    """The large tables from the raw ones by the scripts in ``limit/``."""
    with _new(target) as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        connection.execute("set variable as_of = $day::date", {"day": date.fromisoformat(as_of)})
        for script in sorted(_SCRIPTS.glob("*.sql")):
            connection.execute(script.read_text(encoding="utf-8"))


@app.command()
def publish(warehouse: Path, folder: Target) -> None:
    """One Parquet file per table of the limit."""
    folder.mkdir(parents=True)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set preserve_insertion_order = false")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
        ).fetchall()
        for schema, table in tables:
            file = folder / f"{table}.parquet"
            connection.execute(
                f"copy {schema}.{table} to '{file}' (format parquet, compression zstd)"
            )


def _files(landing: Path, ending: str) -> list[str]:
    return [str(file) for file in sorted(landing.rglob(f"events/**/*.{ending}"))]


def _new(target: Path) -> duckdb.DuckDBPyConnection:
    """A new file in today's storage format: it takes DuckDB a quarter less than the default."""
    target.unlink(missing_ok=True)
    connection = duckdb.connect()
    connection.execute(f"attach '{target}' as target (storage_version 'latest')")
    connection.execute("use target")
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"set temp_directory = '{target.parent / 'spill'}'")
    return connection


if __name__ == "__main__":
    app()
