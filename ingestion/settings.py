"""Configuration: the environment variables of ``.env.example``, read once and passed in.

Nothing else in the project reads the environment or the clock.
"""

import re
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingestion.limits import Limits

PROJECT_ROOT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """Where things lie and what time it is. Relative paths are relative to the project's root."""

    model_config = SettingsConfigDict(
        env_prefix="SAAS_TRACKER_",
        env_file=PROJECT_ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
    )

    landing: str = Field("landing", description="landing zone: a folder or an fsspec URL")
    warehouse: Path = Field(
        Path("warehouse/saas_tracker.duckdb"), description="the DuckDB file the pipeline writes"
    )
    serving: Path = Field(
        Path("warehouse/serving"), description="folder of the read-only copies for BI"
    )
    serving_group: str | None = Field(
        None, description="group that published files are given to; the user's own where empty"
    )
    seeds: Path = Field(Path("seeds"), description="folder of the reference CSVs")
    now: datetime | None = Field(None, description="one instant used in place of the clock")
    target: str = Field("duckdb", description="engine that the models run on: duckdb or spark")
    build_memory: str = Field(
        "4GB",
        description="memory of a build before its work spills to disk, such as 4GB",
    )

    spark_host: str = Field("127.0.0.1", description="host of Spark's Thrift server")
    spark_port: int = Field(10000, gt=0, lt=65536, description="port of Spark's Thrift server")
    spark_user: str = Field("dbt", description="name that Spark's Thrift server is given")
    spark_threads: int = Field(4, gt=0, description="models that Spark builds at a time")
    lake: str | None = Field(
        None, description="folder or URL of the lake's tables; `lake` beside the warehouse if empty"
    )
    lake_catalog: str = Field(
        "local", description="URI of the lake's Iceberg catalog; local: that of `make spark-up`"
    )
    lake_format: str = Field("iceberg", description="format of the lake's tables")

    max_unpacked_gb: float = Field(20, gt=0, description="gigabytes that one file may unpack to")
    max_unpack_ratio: float = Field(
        200, gt=1, description="bytes that a stored byte of a file may unpack to, past 64 MB"
    )
    max_line_mb: float = Field(16, gt=0, description="megabytes of one line of a CSV")
    max_rows: int = Field(100_000_000, gt=0, description="lines or rows of one file")
    max_import_mb: float = Field(128, gt=0, description="megabytes of one import file")
    max_import_rows: int = Field(250_000, gt=0, description="rows of one import file")
    history_years: int = Field(
        10, gt=0, description="years before the as-of date; events before open no history"
    )

    @field_validator("warehouse", "serving", "seeds")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value if value.is_absolute() else PROJECT_ROOT / value

    @field_validator("landing")
    @classmethod
    def _absolute_unless_url(cls, value: str) -> str:
        if "://" in value or Path(value).is_absolute():
            return value.rstrip("/") or value
        return str(PROJECT_ROOT / value)

    @field_validator("build_memory")
    @classmethod
    def _with_unit(cls, value: str) -> str:
        if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", value):
            raise ValueError("write a number and a unit, such as 4GB")
        return value

    @field_validator("now")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    @property
    def target_problem(self) -> str | None:
        """Why nothing can be built with this target; None where it can."""
        if self.target not in ("duckdb", "spark"):
            return f"SAAS_TRACKER_TARGET is {self.target!r}, and there is no such target"
        if self.target == "spark" and self.lake_format != "iceberg":
            return f"SAAS_TRACKER_LAKE_FORMAT is {self.lake_format!r}: only iceberg can be read"
        return None

    @property
    def lake_root(self) -> str:
        """Where the lake's tables lie: an absolute path, or a URL."""
        if self.lake and "://" in self.lake:
            return self.lake.rstrip("/")
        return str(PROJECT_ROOT / (self.lake or self.warehouse.parent / "lake"))

    @property
    def has_default_landing(self) -> bool:
        """Whether the landing zone is the folder of the project, which nobody has to make."""
        return self.landing == str(PROJECT_ROOT / "landing")

    def current_time(self) -> datetime:
        """The instant to write into ``*_at`` columns: UTC, without a zone."""
        return (self.now or datetime.now(UTC)).replace(tzinfo=None)

    def as_of_date(self) -> date:
        """The day that the marts describe unless a run says otherwise."""
        return self.current_time().date()

    @property
    def limits(self) -> Limits:
        """What one file of the landing zone may come to."""
        return Limits(
            unpacked_bytes=int(self.max_unpacked_gb * (1 << 30)),
            unpack_ratio=self.max_unpack_ratio,
            line_bytes=int(self.max_line_mb * (1 << 20)),
            rows=self.max_rows,
            import_bytes=int(self.max_import_mb * (1 << 20)),
            import_rows=self.max_import_rows,
        )

    @property
    def state_dir(self) -> Path:
        """dlt's state and the work files. Named for the warehouse, so that two share nothing."""
        return self.warehouse.with_name(f".{self.warehouse.stem}.state")
