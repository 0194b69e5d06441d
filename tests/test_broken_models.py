"""Whose rows break a model: found by its query, with the rows of one company at a time."""

import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.transformation.broken_models import causes_of_broken

COMPANIES = ("acme", "globex", "initech")
TABLES = """
    create schema raw; create schema staging;
    create table raw.amounts as from (values
        ('acme', '1'), ('acme', '2'), ('globex', '30'), ('globex', 'x'), ('initech', null)
    ) as t(company_id, amount);
    create table raw.factors as from (values ('*', 10), ('globex', 3)) as t(company_id, factor);
    create view staging.numbers as select company_id, amount::int as amount from raw.amounts
"""
NUMBERS = 'select company_id, amount::int as amount from "tracker"."raw"."amounts"'
TOTALS = """
with numbers as (select * from "tracker"."staging"."numbers")
select company_id, sum(amount) as amount from numbers
where 10 in (select factor from "tracker"."raw"."factors") group by all"""


@pytest.fixture
def settings(tmp_path) -> Settings:
    settings = Settings(warehouse=tmp_path / "tracker.duckdb")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(TABLES)
    return settings


def node(schema: str, name: str, materialized: str, columns: dict | None = None) -> dict:
    return {
        "name": name,
        "schema": schema,
        "alias": name,
        "relation_name": f'"tracker"."{schema}"."{name}"',
        "config": {"materialized": materialized, "contract": {"enforced": bool(columns)}},
        "columns": columns or {},
    }


def causes(settings: Settings, query: str = TOTALS, companies=COMPANIES, **model) -> dict:
    manifest = {
        "nodes": {
            "model.p.numbers": node("staging", "numbers", "view"),
            "model.p.totals": node("marts", "totals", "table", **model),
        },
        "sources": {
            f"source.p.{name}": {
                "schema": "raw",
                "identifier": name,
                "relation_name": f'"tracker"."raw"."{name}"',
            }
            for name in ("amounts", "factors")
        },
    }
    results = [
        {"unique_id": "model.p.numbers", "status": "success", "compiled_code": NUMBERS},
        {"unique_id": "model.p.totals", "status": "error", "compiled_code": query},
    ]
    return causes_of_broken(settings, manifest, {"results": results}, companies)


def test_the_company_is_found_behind_a_view_and_rows_common_to_all_are_read(settings):
    found = causes(settings)
    assert set(found) == {"globex"}
    assert found["globex"][0].startswith(
        "totals cannot be built from its rows: Conversion Error: Could not convert string 'x'"
    )


def test_a_row_without_what_the_contract_requires_breaks_a_model(settings):
    columns = {"amount": {"constraints": [{"type": "not_null"}]}}
    query = (
        TOTALS.replace("sum(amount)", "sum(try_cast(amount as int))")
        .replace("staging", "raw")
        .replace('"numbers"', '"amounts"')
    )
    assert causes(settings, query) == {}
    assert causes(settings, query, columns=columns) == {
        "initech": ["totals cannot be built from its rows: a row has no amount"]
    }


def test_what_fails_for_all_or_by_itself_for_none_is_no_company_s(settings):
    assert causes(settings, companies=("globex",)) == {}
    assert causes(settings, "select error('always')") == {}
    assert causes(settings, "select no_such_column") == {}
