"""How dlt resources become Dagster assets."""

import json
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
from dagster_dlt import DagsterDltTranslator
from dagster_dlt.translator import DltResourceTranslatorData

from ingestion.raw.tables import RAW_TABLES_BY_NAME, SCHEMA, RawTable
from ingestion.settings import PROJECT_ROOT
from orchestration.platform.links import code_of

LANDING_FILES = dg.AssetKey(["landing", "files"])


class LandingTranslator(DagsterDltTranslator):
    """Keys equal the keys of the dbt sources, so that lineage runs from file to mart.

    By default every resource depends on a key of its own that nothing produces; here all of them
    come from the one thing they are read from. ``described`` has the descriptions of the dbt
    sources' columns, by table.
    """

    def __init__(self, described: Mapping[str, Mapping[str, str]]) -> None:
        self._described = described

    def get_asset_spec(self, data: DltResourceTranslatorData) -> dg.AssetSpec:
        """The asset of one table of schema ``raw``."""
        table = RAW_TABLES_BY_NAME[data.resource.name]
        return dg.AssetSpec(
            key=[SCHEMA, table.name],
            deps=[LANDING_FILES],
            description=table.description,
            kinds={"dlt", "duckdb"},
            metadata={
                "dagster/table_name": f"{SCHEMA}.{table.name}",
                "dagster/column_schema": _column_schema(table, self._described.get(table.name, {})),
                **code_of(PROJECT_ROOT / "ingestion" / "raw" / "tables.py"),
            },
        )


def described_columns(manifest: Path) -> dict[str, dict[str, str]]:
    """What the dbt project says of the columns of schema ``raw``, by table and column."""
    sources = json.loads(manifest.read_text())["sources"].values()
    return {
        source["name"]: {name: column["description"] for name, column in source["columns"].items()}
        for source in sources
        if source["schema"] == SCHEMA
    }


def _column_schema(table: RawTable, described: Mapping[str, str]) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=name,
                type=kind.rstrip("?"),
                description=described.get(name),
                constraints=dg.TableColumnConstraints(nullable=kind.endswith("?")),
            )
            for name, kind in table.columns.items()
        ]
    )
