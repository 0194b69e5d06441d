"""Which columns a column is made of, read from the SQL that dbt has compiled.

dagster-dbt would ask dbt for the columns of every model and of all its parents in every build. Here
the warehouse tells all columns in one query, and the answer is kept for as long as the project
stays as it is (1.7 s for a hundred models, once per change of the project).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from ingestion.settings import Settings
from orchestration.platform.warehouse import Columns
from orchestration.transformation.project import build_folder, parsed_state

Sources = dict[str, list[list[str]]]
"""Column -> the columns that it is made of, each as [schema, table, column]."""


class ColumnLineage:
    """The lineage of models, by their unique ids; computed for those that are asked for."""

    def __init__(self, settings: Settings, manifest: Mapping[str, Any], columns: Columns) -> None:
        self._folder = build_folder(settings)
        self._file = self._folder / "lineage.json"
        self._state = parsed_state(settings)
        self._manifest, self._columns = manifest, columns
        self.problems: list[str] = []

    def of(self, unique_ids: Iterable[str]) -> dict[str, dg.TableColumnLineage]:
        """What is known of these models. SQL that cannot be read is named in ``problems``."""
        known = self._read()
        wanted = [unique_id for unique_id in unique_ids if unique_id.startswith("model.")]
        if missing := [unique_id for unique_id in wanted if unique_id not in known]:
            known |= self._compute(missing)
            self._file.write_text(json.dumps({"state": self._state, "models": known}))
        return {name: _metadata(known[name]) for name in wanted if name in known}

    def _read(self) -> dict[str, Sources]:
        try:
            kept = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return kept["models"] if kept["state"] == self._state else {}

    def _compute(self, unique_ids: list[str]) -> dict[str, Sources]:
        from sqlglot.errors import SqlglotError
        from sqlglot.schema import MappingSchema

        dialect = self._manifest["metadata"]["adapter_type"]
        schema = MappingSchema(dict(self._columns), dialect=dialect)
        found = {}
        for unique_id in unique_ids:
            node = self._manifest["nodes"][unique_id]
            compiled = self._folder / "compiled" / node["package_name"] / node["original_file_path"]
            try:
                found[unique_id] = sources_of(compiled.read_text(), schema, dialect)
            except (OSError, SqlglotError) as error:
                self.problems.append(f"no column lineage of {node['name']}: {error}")
        return found


def sources_of(sql: str, schema: Any, dialect: str) -> Sources:
    """The tables' columns behind each column of a query. ``schema``: sqlglot's, of its sources."""
    from sqlglot import exp, parse_one
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    query: Any = qualify(
        parse_one(sql, dialect=dialect),
        schema=schema,
        dialect=dialect,
        validate_qualify_columns=False,
    )
    scope = build_scope(query)
    sources: Sources = {}
    for column in query.named_selects:
        tree = lineage(column, query, schema, scope=scope, dialect=dialect, trim_selects=False)
        leaves = {
            (table.db, table.name, exp.to_column(leaf.name).name)
            for leaf in tree.walk()
            if not leaf.downstream and (table := leaf.expression.find(exp.Table)) is not None
        }
        sources[column] = sorted(list(leaf) for leaf in leaves)
    return sources


def _metadata(sources: Sources) -> dg.TableColumnLineage:
    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(dg.AssetKey([schema, table]), name)
                for schema, table, name in found
            ]
            for column, found in sources.items()
        }
    )


def readable(lineage: dg.TableColumnLineage) -> dg.TableMetadataValue:
    """The lineage as a table: the open-source UI draws no columns, it shows this."""
    records = [
        dg.TableRecord(
            {
                "column": column,
                "made of": ", ".join(
                    f"{'.'.join(dep.asset_key.path)}.{dep.column_name}" for dep in deps
                ),
            }
        )
        for column, deps in lineage.deps_by_column.items()
    ]
    columns = [dg.TableColumn("column"), dg.TableColumn("made of")]
    return dg.MetadataValue.table(records, schema=dg.TableSchema(columns))


def column_schema(node: Mapping[str, Any], columns: Mapping[str, str]) -> dg.TableSchema | None:
    """The columns of a table as they are; None where a contract has their types already."""
    described = node["columns"]
    if node["config"].get("contract", {}).get("enforced"):
        return None
    return dg.TableSchema(
        [
            dg.TableColumn(name, kind, described.get(name, {}).get("description") or None)
            for name, kind in columns.items()
        ]
    )
