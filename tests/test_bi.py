"""docs/bi.md: the diagram is the declared relationships, and the dashboards read what there is."""

import os
import re

import pytest
import yaml

from ingestion.settings import PROJECT_ROOT
from tests.support.diagram import declared_relationships, diagram

BI = PROJECT_ROOT / "docs" / "bi.md"
SUPERSET = PROJECT_ROOT / "docs" / "bi" / "superset"
MARTS = PROJECT_ROOT / "dbt_project" / "models" / "marts"


def mart_columns() -> dict[str, list[str]]:
    models = [
        model
        for file in sorted(MARTS.rglob("*.yml"))
        for model in yaml.safe_load(file.read_text()).get("models", [])
    ]
    return {
        model["name"].removeprefix("mart_"): [column["name"] for column in model["columns"]]
        for model in models
    }


COLUMNS = mart_columns()


def test_the_diagram_is_that_of_the_declared_relationships():
    """`make snapshots` draws it."""
    page, expected = BI.read_text(), diagram(declared_relationships(MARTS))
    [shown] = re.findall(r"^```mermaid\n(.*?)^```", page, re.M | re.S)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        BI.write_text(page.replace(shown, expected))
    else:
        assert shown == expected


def test_relationships_name_columns_of_both_marts():
    found = declared_relationships(MARTS)
    assert {"organizations", "companies", "applications", "features"} <= {r.parent for r in found}
    for one in found:
        assert set(one.columns) <= set(COLUMNS[one.child]), one
        assert set(one.columns) <= set(COLUMNS[one.parent]), one


def test_the_marts_to_begin_with_are_there():
    section = BI.read_text().partition("## Ten to begin with")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \|", section, re.M)
    assert len(listed) == 10
    assert set(listed) <= COLUMNS.keys()


@pytest.mark.parametrize("mart", COLUMNS)
def test_a_mart_charts_without_thought(mart):
    """Organizations have names, and amounts a currency."""
    text = next(MARTS.rglob(f"*/{mart}.yml"), None) or next(MARTS.rglob(f"*/mart_{mart}.yml"))
    if "external_org_id" in COLUMNS[mart]:
        assert "display_name" in COLUMNS[mart]
    if "decimal(18,2)" in text.read_text():
        assert "reporting_currency" in COLUMNS[mart]
    for label in (column for column in COLUMNS[mart] if column.endswith("_label")):
        assert label.removesuffix("_label") + "_order" in COLUMNS[mart]


@pytest.mark.parametrize("file", sorted(SUPERSET.glob("datasets/*/*.yaml")), ids=lambda f: f.stem)
def test_a_data_set_of_superset_is_a_mart(file):
    data_set = yaml.safe_load(file.read_text())
    names = [column["column_name"] for column in data_set["columns"]]
    assert data_set["schema"] == "marts"
    assert set(names) <= set(COLUMNS[data_set["table_name"]])
    for metric in data_set["metrics"]:
        words = set(re.findall(r"\b[a-z_]+\w*\b", metric["expression"]))
        assert words - {"sum", "count", "nullif"} <= {*names, "0"}, metric


def test_the_parts_of_the_dashboard_know_each_other():
    def uuids(kind: str) -> set[str]:
        files = SUPERSET.glob(f"{kind}/**/*.yaml")
        return {yaml.safe_load(file.read_text())["uuid"] for file in files}

    charts = [yaml.safe_load(file.read_text()) for file in SUPERSET.glob("charts/*.yaml")]
    assert {chart["dataset_uuid"] for chart in charts} == uuids("datasets")
    [dashboard] = [yaml.safe_load(f.read_text()) for f in SUPERSET.glob("dashboards/*.yaml")]
    shown = {
        part["meta"]["uuid"]
        for part in dashboard["position"].values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    assert shown == uuids("charts")
