"""A table of schema ``raw`` as dlt, Arrow and DuckDB spell it."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

_DLT_TYPES: dict[str, dict[str, Any]] = {
    "text": {"data_type": "text"},
    "bigint": {"data_type": "bigint"},
    "boolean": {"data_type": "bool"},
    "date": {"data_type": "date"},
    "timestamp": {"data_type": "timestamp", "timezone": False, "precision": 6},
    "decimal(18,4)": {"data_type": "decimal", "precision": 18, "scale": 4},
}
_ARROW_TYPES = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "decimal(18,4)": pa.decimal128(18, 4),
}


@dataclass(frozen=True)
class RawTable:
    """One raw table: its name, what a row is, and its columns as ``name: type``.

    A type that ends in ``?`` allows null.
    """

    name: str
    description: str
    columns: dict[str, str]

    def dlt_columns(self) -> dict[str, dict[str, Any]]:
        """Column hints for dlt, in table order.

        All of them allow null. Checks on the loaded tables guard those that must not be.
        """
        return {
            name: {"name": name, **_DLT_TYPES[kind.rstrip("?")], "nullable": True}
            for name, kind in self.columns.items()
        }

    def arrow_schema(self) -> pa.Schema:
        """Column types as Arrow spells them, in table order."""
        return pa.schema(
            [(name, _ARROW_TYPES[kind.rstrip("?")]) for name, kind in self.columns.items()]
        )

    def duckdb_columns(self) -> dict[str, str]:
        """Column types as DuckDB spells them, in table order."""
        return {name: kind.rstrip("?") for name, kind in self.columns.items()}
