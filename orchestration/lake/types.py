"""What a table of the lake is in DuckDB and in Arrow.

A time is an instant in the lake, as which Spark reads its own type, and UTC without a zone here.
"""

import glob
from collections.abc import Sequence

import pyarrow as pa
from pyiceberg.schema import Schema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
)

from ingestion.sql import literal, quoted

_TYPES: dict[type[IcebergType], str] = {
    BinaryType: "BLOB",
    BooleanType: "BOOLEAN",
    DateType: "DATE",
    DoubleType: "DOUBLE",
    FloatType: "FLOAT",
    IntegerType: "INTEGER",
    LongType: "BIGINT",
    StringType: "VARCHAR",
    TimestampType: "TIMESTAMP",
    TimestamptzType: "TIMESTAMP",
}


def duckdb_type(kind: IcebergType) -> str:
    """The type of a column as DuckDB spells it."""
    if isinstance(kind, DecimalType):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if isinstance(kind, ListType):
        return f"{duckdb_type(kind.element_type)}[]"
    if isinstance(kind, StructType):
        fields = (f"{quoted(field.name)} {duckdb_type(field.field_type)}" for field in kind.fields)
        return f"STRUCT({', '.join(fields)})"
    return _TYPES[type(kind)]


def query_of_files(schema: Schema, files: Sequence[str]) -> str:
    """DuckDB SQL: the rows of a table, in its columns and types."""
    if not files:
        columns = (
            f"cast(null as {duckdb_type(field.field_type)}) as {quoted(field.name)}"
            for field in schema.fields
        )
        return f"select {', '.join(columns)} where false"
    names = ", ".join(literal(glob.escape(file)) for file in files)
    return (
        f"select {', '.join(_column(field.name, field.field_type) for field in schema.fields)}"
        f" from read_parquet([{names}], union_by_name = true, hive_partitioning = false)"
    )


def _column(name: str, kind: IcebergType) -> str:
    value = quoted(name)
    if isinstance(kind, TimestamptzType):
        value = f"({value} at time zone 'UTC')"
    return f"cast({value} as {duckdb_type(kind)}) as {quoted(name)}"


def with_zone(schema: pa.Schema, zone: str | None) -> pa.Schema:
    """The schema with its times in a zone, or without, and its texts as DuckDB has them."""
    kinds = {field.name: field.type for field in schema}
    for name, kind in kinds.items():
        if pa.types.is_timestamp(kind):
            kinds[name] = pa.timestamp("us", zone)
        elif pa.types.is_large_string(kind):
            kinds[name] = pa.string()
    return pa.schema([pa.field(name, kind) for name, kind in kinds.items()])
