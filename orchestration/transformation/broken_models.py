"""Whose rows break a model: its query, asked once more for each company alone.

A model that breaks says nothing of the company whose rows broke it. Here its query, as dbt compiled
it, reads one company's rows of everything that it reads. If that fails for some companies and not
for all, the build is tried again without those.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.settings import Settings
from ingestion.sql import literal
from orchestration.platform.warehouse import Columns
from orchestration.transformation.engine import engine_of


def causes_of_broken(
    settings: Settings,
    manifest: Mapping[str, Any],
    run_results: Mapping[str, Any],
    companies: Collection[str],
) -> dict[str, list[str]]:
    """The companies whose rows break a model, and the model with the engine's words for each.

    Empty where models break for all companies, or for none by itself. Nothing has been
    built since.
    """
    compiled = {
        result["unique_id"]: result["compiled_code"]
        for result in run_results["results"]
        if result["unique_id"].startswith("model.") and result.get("compiled_code")
    }
    broken = [
        result["unique_id"]
        for result in run_results["results"]
        if result["status"] == "error" and result["unique_id"] in compiled
    ]
    causes: dict[str, list[str]] = {}
    if not broken:
        return {}
    engine = engine_of(settings)
    columns = engine.columns(manifest)
    with engine.trials() as complaint_of:
        for unique_id in broken:
            query = _Query(manifest, compiled, columns, unique_id)
            for company_id in companies:
                if said := complaint_of(query.of(company_id), query.not_null):
                    cause = f"{query.name} cannot be built from its rows: {said}"
                    causes.setdefault(company_id, []).append(cause)
    return {} if len(causes) == len(companies) else causes


@dataclass(frozen=True)
class _Query:
    """The query of a model, and of the views that it reads."""

    manifest: Mapping[str, Any]
    compiled: Mapping[str, str]
    columns: Columns
    unique_id: str

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self.manifest["nodes"][self.unique_id]["name"])

    @property
    def not_null(self) -> list[str]:
        """The columns in which a row without a value breaks the model."""
        node = self.manifest["nodes"][self.unique_id]
        return [
            name
            for name, column in node["columns"].items()
            if node["config"]["contract"]["enforced"]
            and any(constraint["type"] == "not_null" for constraint in column["constraints"])
        ]

    def of(self, company_id: str) -> str:
        """The query with the rows of one company, and those that are common to all, alone."""
        return self._with_rows_of(company_id, self.unique_id)

    def _with_rows_of(self, company_id: str, unique_id: str) -> str:
        text = self.compiled[unique_id]
        relations = {
            node["relation_name"]: other
            for kind in ("nodes", "sources")
            for other, node in self.manifest[kind].items()
            if node.get("relation_name") and node["relation_name"] in text
        }
        for relation, other in relations.items():
            rows = self._rows(company_id, relation, other, unique_id)
            # Where names are not quoted, one may begin like another. A backslash is its own.
            text = re.sub(rf"(?<!\w){re.escape(relation)}(?!\w)", rows.replace("\\", r"\\"), text)
        return text

    def _rows(self, company_id: str, relation: str, other: str, reader: str) -> str:
        node = self.manifest["nodes"].get(other) or self.manifest["sources"][other]
        is_view = node.get("config", {}).get("materialized") == "view"
        if is_view and other != reader and other in self.compiled:
            # What a view computes of other companies' rows is not to fail here.
            return f"({self._with_rows_of(company_id, other)}\n)"
        name = node.get("alias") or node["identifier"]
        if "company_id" not in self.columns.get(node["schema"], {}).get(name, ()):
            return relation
        return f"(select * from {relation} where company_id in ({literal(company_id)}, '*'))"
