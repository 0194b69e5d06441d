"""docs/change-the-tracking-plan.md, followed to the letter on a copy of the reference data."""

import json
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.loading.pipeline import load_landing
from ingestion.seeds.validation import validate
from ingestion.settings import PROJECT_ROOT, Settings
from tests.support.call_shapes import Shapes
from tests.support.dbt_runner import build_models
from tests.support.recipes import follow

AS_OF = date(2025, 3, 1)
MARTS = (
    *("accounts", "groups", "trait_history", "user_accounts"),
    *("tracking_plan_events", "tracking_plan_issues"),
)


def _calls() -> list[dict[str, Any]]:
    make = Shapes(AS_OF)

    def sent(name: str, group: str, event: str = "invoice.sent", **properties: Any) -> Any:
        return make.track(name, 3, "u", group, event, properties=properties)

    def group(group: str, **traits: str) -> Any:
        return make.segment(f"g-{group}", "group", 9, groupId=group, traits=traits)

    return [
        group("acc", group_type="account", name="One", plan="pro", sales_region="EMEA"),
        group("other", group_type="account", name="Two", plan="pro"),
        group("north", group_type="Sales Area", name="North", parent_group_id="acc"),
        make.identify("i1", 8, "u", account_id="acc", role="Billing Manager", extension="4711"),
        sent("t1", "acc", amount=12.5, channel="email", recipient="ab" * 32),
        sent("t2", "acc", "Invoice Emailed", amount="12"),
        sent("t3", "north", amount=3, channel="fax", recipient="the board"),
        sent("t4", "acc"),
    ]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls of acme, loaded and built with the reference data that the recipe makes."""
    folder = tmp_path_factory.mktemp("plan")
    shutil.copytree(PROJECT_ROOT / "seeds", folder / "seeds")
    steps = follow("change-the-tracking-plan.md", folder)
    assert {verb for verb, _ in steps} == {"Append to"}
    assert [Path(file).stem for _, file in steps] == [
        "tracking_plan", "tracking_plan_properties", "trait_plan", "group_types", "role_weights",
    ]  # fmt: skip
    landing = folder / "landing"
    calls = landing / "acme" / "apps" / "web" / "calls" / "segment" / "calls.jsonl"
    calls.parent.mkdir(parents=True)
    calls.write_text("".join(json.dumps(call) + "\n" for call in _calls()))
    settings = Settings(
        landing=str(landing),
        warehouse=folder / "warehouse.duckdb",
        serving=folder / "serving",
        seeds=folder / "seeds",
        now=datetime(2025, 3, 1, 12, tzinfo=UTC),
        _env_file=None,
    )
    assert validate(settings) == []
    load_landing(settings)
    build_models(
        *MARTS,
        warehouse=settings.warehouse,
        seeds=folder / "seeds",
        work_dir=folder / "work",
        as_of=AS_OF,
    )
    return settings.warehouse


def _ask(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_event_is_planned_under_both_names(warehouse: Path) -> None:
    query = (
        "select app_id, status, category, requirement, calls, sent_as"
        " from marts.tracking_plan_events where event = 'invoice.sent' order by app_id desc"
    )
    assert _ask(warehouse, query) == [
        ("web", "planned", "billing", "required", 4, "Invoice Emailed,invoice.sent"),
        # What is planned for every application is missed where it is not sent.
        ("mobile", "never_seen", "billing", "required", 0, None),
    ]


def test_the_events_that_break_its_plan_are_found(warehouse: Path) -> None:
    query = (
        "select issue, property, occurrences, example_id from marts.tracking_plan_issues"
        " where app_id = 'web' and name = 'invoice.sent' order by all"
    )
    assert _ask(warehouse, query) == [
        ("group_level_wrong", "", 1, "call:t3"),
        ("property_missing", "amount", 1, "call:t4"),
        ("property_not_allowed", "channel", 1, "call:t3"),
        ("property_not_hashed", "recipient", 1, "call:t3"),
        ("property_wrong_type", "amount", 1, "call:t2"),
    ]


def test_the_traits_are_known_by_both_names_and_the_personal_one_is_hashed(warehouse: Path) -> None:
    found = dict(
        _ask(warehouse, "select trait, value from marts.trait_history where entity_id <> 'other'")
    )
    assert found["region"] == "EMEA"
    assert re.fullmatch("sha256:[0-9a-f]{64}", found["desk_number"])
    assert not {"sales_region", "extension"} & found.keys()
    missing = dict(
        _ask(warehouse, "select external_org_id, traits_missing from marts.accounts order by 1")
    )
    assert "region" not in missing["acc"].split(",")
    assert "region" in missing["other"].split(",")


def test_the_type_of_group_has_its_level(warehouse: Path) -> None:
    query = "select group_type, level, events_30d from marts.groups where group_id = 'north'"
    assert _ask(warehouse, query) == [("region", 2, 1)]


def test_the_role_has_its_weight(warehouse: Path) -> None:
    query = (
        "select role, role_weight::double, events, weighted_events_30d::double"
        " from marts.user_accounts"
    )
    assert _ask(warehouse, query) == [("Billing Manager", 2, 4, 8)]
