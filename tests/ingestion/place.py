"""A landing zone, a warehouse and reference data of a test's own, and short ways to use them."""

import csv
import gzip
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.limits import Limits
from ingestion.loading.batch import Batch
from ingestion.raw.tables import RAW_TABLES, RAW_TABLES_BY_NAME, SCHEMA
from ingestion.replay import ReplayReport, Selection
from ingestion.replay.batch import ReplayBatch
from ingestion.settings import Settings

NOW = datetime(2024, 6, 1, 12, 0, 0, tzinfo=UTC)
NOW_STORED = NOW.replace(tzinfo=None)
MODIFIED = datetime(2024, 5, 1, 8, 0, 0)

_APPLICATION_COLUMNS = (
    "company_id,app_id,name,identity_mode,session_inference,"
    "session_timeout_minutes,pii_policy,mrr_unit"
)
SEEDS = {
    "companies.csv": """company_id,name,plan,reporting_currency,date_order
acme,Acme,growth,EUR,
dmy-co,Day first,growth,EUR,dmy
mdy-co,Month first,growth,USD,mdy
tnd-co,Own currency,growth,TND,
""",
    "applications.csv": _APPLICATION_COLUMNS
    + """
acme,web,Web,user,inactivity_gap,30,hashed,major
acme,mobile,Mobile,user,inactivity_gap,30,hashed,major
dmy-co,web,Web,user,inactivity_gap,30,hashed,major
""",
    "exchange_rates.csv": """rate_date,currency,units_per_eur
2024-01-02,USD,1.1
2024-01-02,GBP,0.86
2024-01-03,GBP,0.85
2024-01-02,JPY,156.2
""",
}


class Place:
    """Everything one pipeline needs, below one folder."""

    def __init__(
        self, folder: Path, now: datetime | None = NOW, landing: str | None = None
    ) -> None:
        seeds = folder / "seeds"
        seeds.mkdir(parents=True)
        for name, text in SEEDS.items():
            (seeds / name).write_text(text, encoding="utf-8")
        self.folder = folder
        self.landing = folder / "landing"
        self.landing.mkdir()
        self.now = now
        self.limits = Limits()
        self._landing_url = landing or str(self.landing)
        self._loads = 0

    @classmethod
    def at(cls, folder: Path) -> "Place":
        """The place in a folder that is a copy of one."""
        place = cls.__new__(cls)
        place.folder, place.landing, place.now = folder, folder / "landing", NOW
        place.limits, place._landing_url, place._loads = Limits(), str(place.landing), 0
        return place

    @property
    def settings(self) -> Settings:
        return Settings(
            landing=self._landing_url,
            warehouse=self.folder / "warehouse" / "tracker.duckdb",
            serving=self.folder / "serving",
            seeds=self.folder / "seeds",
            now=self.now,
            max_unpacked_gb=self.limits.unpacked_bytes / (1 << 30),
            max_unpack_ratio=self.limits.unpack_ratio,
            max_line_mb=self.limits.line_bytes / (1 << 20),
            max_rows=self.limits.rows,
            max_import_mb=self.limits.import_bytes / (1 << 20),
            max_import_rows=self.limits.import_rows,
        )

    def write(self, path: str, content: str | bytes, modified: datetime = MODIFIED) -> Path:
        """A file of the landing zone, gzipped where its name says so."""
        target = self.landing / path
        target.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        target.write_bytes(gzip.compress(data) if path.endswith(".gz") else data)
        touch(target, modified)
        return target

    def load(self, **options: Any) -> Any:
        """The real thing: dlt and all."""
        from ingestion.loading.pipeline import load_landing

        return load_landing(self.settings, **options)

    def quick_load(self, reporter: Any = None) -> None:
        """The same load with the rows put into the tables without dlt: ten times faster."""
        settings = self.settings
        batch = Batch(
            settings,
            settings.landing,
            lambda zone, manifest, registry: manifest.look(zone, registry),
            reporter,
            has_door=True,
        )
        self._write(batch)

    def quick_replay(self, **filters: str) -> ReplayReport:
        """The same as ``saas-tracker rejects replay --apply``, without dlt."""
        batch = ReplayBatch(self.settings, Selection(**filters))
        self._write(batch)
        return batch.report

    def _write(self, batch: Batch) -> None:
        self._loads += 1
        settings = self.settings
        settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
        rows = {table.name: batch.queries(table.name, f"{self._loads:06}") for table in RAW_TABLES}
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute(f"create schema if not exists {SCHEMA}")
            for name, queries in rows.items():
                columns = RAW_TABLES_BY_NAME[name].duckdb_columns()
                typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
                connection.execute(f"create table if not exists {SCHEMA}.{name} ({typed})")
                for query in queries:
                    connection.execute(f"insert into {SCHEMA}.{name} by name {query}")
            connection.execute(
                f"create table if not exists {SCHEMA}._dlt_loads (load_id text, schema_name text,"
                " status bigint, inserted_at timestamp, schema_version_hash text)"
            )
            connection.execute(
                f"insert into {SCHEMA}._dlt_loads values (?, 'landing', 0, now(), 'x')",
                [f"{self._loads:06}"],
            )
        from ingestion.loading.pipeline import finish

        finish(settings)

    def query(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query over the warehouse."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def rows(self, table: str, columns: str = "*", where: str = "true") -> list[tuple[Any, ...]]:
        """Rows of a raw table, sorted by their own columns."""
        return self.query(f"select {columns} from raw.{table} where {where} order by all")

    def records(self, table: str, where: str = "true") -> list[dict[str, Any]]:
        """Rows of a raw table as dictionaries, in the order in which they were written."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            found = connection.execute(f"select * from raw.{table} where {where} order by rowid")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def rejects(self, path: str) -> dict[int, str]:
        """Line number to reasons of a file's quarantined rows."""
        return dict(
            self.query("select line_number, reasons from raw.rejected_rows where path = ?", [path])
        )


def touch(path: Path, modified: datetime) -> None:
    """Set a file's modification time (UTC)."""
    moment = modified.replace(tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as the bytes of a Parquet file."""
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def csv_text(
    columns: Iterable[str], rows: Iterable[Sequence[Any] | Mapping[str, Any]], delimiter: str = ","
) -> str:
    """A CSV by RFC 4180; absent values are empty."""
    names = list(columns)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        cells = [row.get(name) for name in names] if isinstance(row, Mapping) else row
        writer.writerow(["" if cell is None else cell for cell in cells])
    return stream.getvalue()
