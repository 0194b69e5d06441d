"""Which account the models find for a call: the worked example, and each edge of the rules."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.quality.accuracy import RECOUNT_SUITES, recount_profiles
from tests.oracle.calls.values import sha256
from tests.oracle.events import PLAUSIBLE_YEARS
from tests.oracle.inputs import read_seeds
from tests.support import worked_example as example
from tests.support.call_group_edges import ALL_EDGES, call_edges, edge_company_id
from tests.support.call_rows import add_calls, call_file
from tests.support.call_shapes import Shapes
from tests.support.company_rows import CompanyRows, World
from tests.support.dbt_runner import DBT_PROJECT, DbtError, finish_dbt, start_dbt
from tests.support.replay import PROJECT_SEEDS, Build, Plan, replay

CASES = {name: make(Shapes(example.AS_OF)) for name, make in ALL_EDGES.items()}
COMPANIES = {name: edge_company_id(name) for name in CASES}
ALL = example.segment_groups() + example.segment_calls() + example.other_vendors()
# What each build of the worked example finds new: groups come first, a week late, last.
ORDERS = {
    "first": [example.segment_groups() + example.segment_calls(), example.other_vendors()],
    "late": [example.segment_calls(), example.segment_groups(), example.other_vendors()],
    "last": [example.other_vendors() + example.segment_calls(), [], example.segment_groups()],
    "synced": [ALL, [], example.nightly_sync()],
}
STORIES = {**ORDERS, "moved": [ALL, [], example.late_parent()]}
LAST_BUILD = 4
TRACKING = sorted(file.stem for file in (DBT_PROJECT / "models/marts/tracking").glob("*.sql"))

Row = dict[str, Any]


def _worked_example(company_id: str, calls: list[Row]) -> CompanyRows:
    company = CompanyRows(company_id, example.AS_OF)
    company.application("web")
    company.organization("acc_456", (example.IMPORTED_AT, "Account 456"))
    add_calls(company, call_file(calls, company_id=company_id))
    return company


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All companies in one warehouse that was built four times, at first without a call."""
    folder = tmp_path_factory.mktemp("accounts")
    companies = call_edges(example.AS_OF)
    companies += [
        _worked_example(name, [call for part in parts for call in part])
        for name, parts in STORIES.items()
    ]
    world = World(example.AS_OF, tuple(companies), {})
    seeds = world.seed_rows(read_seeds(PROJECT_SEEDS))
    loads = _loads(world.raw_rows())
    builds = tuple(
        Build(example.AS_OF, rows, seeds if number == 0 else None)
        for number, rows in enumerate(loads)
    )
    warehouse = folder / "warehouse.duckdb"
    replay(Plan(warehouse, folder / "seeds", folder / "work", builds))
    return warehouse


def _loads(rows: dict[str, list[Row]]) -> list[dict[str, list[Row]]]:
    """One load without calls, then three: of the edges the place of a call says in which it is."""
    loads: list[dict[str, list[Row]]] = [{}, *({"calls": []} for _ in range(LAST_BUILD - 1))]
    parts = {
        (company, _name(call)): number
        for company, found in STORIES.items()
        for number, part in enumerate(found)
        for call in part
    }
    for place, row in enumerate(rows["calls"]):
        number = parts.get((row["company_id"], row["call_id"].split(":")[0]), place % 3)
        row = {**row, "_dlt_load_id": f"{1700000001 + number}.5"}
        loads[number + 1]["calls"].append(row)
    loads[0] |= {table: found for table, found in rows.items() if table != "calls"}
    return loads


def _name(call: Row) -> str:
    return str(call.get("messageId") or call.get("uuid") or call["properties"]["$insert_id"])


def _events(built: Path, company_id: str) -> dict[str, tuple[str, ...]]:
    query = (
        "select split_part(event_id, ':', 2), external_org_id, account_source, group_id, user_hash"
        " from marts.events where company_id = ?"
    )
    with duckdb.connect(str(built), read_only=True) as connection:
        rows = connection.execute(query, [company_id]).fetchall()
    return {name: tuple(found) for name, *found in rows}


@pytest.mark.parametrize("order", ORDERS)
def test_the_worked_example_has_its_rows_in_any_order(built, order) -> None:
    found = {name: event[:3] for name, event in _events(built, order).items()}
    assert found == {name: tuple(event) for name, *event in example.EVENTS}


@pytest.mark.parametrize("mart", TRACKING)
def test_the_marts_of_tracking_have_the_same_rows_in_any_order(built, mart) -> None:
    found = {}
    with duckdb.connect(str(built), read_only=True) as connection:
        for order in ("first", "late", "last"):
            query = f"select columns(c -> c not like 'company%') from marts.{mart}"
            rows = connection.execute(f"{query} where company_id = ? order by all", [order])
            found[order] = rows.fetchall()
    assert bool(found["first"]) == (mart not in ("trials", "invitations"))
    assert found["late"] == found["first"]
    assert found["last"] == found["first"]


@pytest.mark.parametrize("name", CASES)
def test_an_edge_has_the_account_that_it_must_have(built, name) -> None:
    case, events = CASES[name], _events(built, COMPANIES[name])
    found = {call: event[:3] for call, event in events.items()}
    assert found == {call: account for call, account in case.expected.items() if account}
    users = {call: events[call][3] for call in case.users}
    assert users == {call: sha256(user) for call, user in case.users.items()}


@pytest.mark.parametrize(
    ("story", "written"),
    [
        pytest.param("synced", set(), id="all traits again"),
        pytest.param(
            "moved", {("e7", "acc_777", None), ("e7", "acc_999", LAST_BUILD)}, id="parent"
        ),
    ],
)
def test_a_build_writes_the_events_that_have_another_account(built, story, written) -> None:
    query = (
        "select call_id, external_org_id, replaced_in from intermediate.int_call_events"
        f" where company_id = ? and {LAST_BUILD} in (built_in, replaced_in)"
    )
    with duckdb.connect(str(built), read_only=True) as connection:
        found = connection.execute(query, [story]).fetchall()
    assert set(found) == written


def test_the_recount_agrees_with_the_marts_of_calls(built) -> None:
    with duckdb.connect(str(built)) as connection:
        connection.execute("set timezone = 'UTC'")
        profiles = recount_profiles(connection, example.AS_OF, RECOUNT_SUITES, PLAUSIBLE_YEARS)
    rows = {(suite.name, *row) for suite, profile in profiles.items() for row in profile.rows}
    assert {row for row in rows if row[3] != row[4]} == set()
    assert ("events_equal_a_recount", "first", "events of web", 10, 10) in rows


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        pytest.param("delete from {events} where event_id = 'call:e1'", "calls", id="lost"),
        pytest.param(
            "update {events} set external_org_id = 'acc_999' where event_id = 'call:e1'",
            "group of another account",
            id="of another account",
        ),
    ],
)
def test_an_event_of_a_call_that_is_lost_or_elsewhere_is_found(built, tmp_path, change, rule):
    warehouse, seeds = tmp_path / "warehouse.duckdb", tmp_path / "seeds"
    shutil.copy(built, warehouse)
    shutil.copytree(PROJECT_SEEDS, seeds)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(change.format(events="intermediate.int_session_events"))
    place = {"warehouse": warehouse, "seeds": seeds, "work_dir": tmp_path / "work"}
    test = start_dbt(
        "test", "--select", "tag:calls", "--store-failures", **place, as_of=example.AS_OF
    )
    with pytest.raises(DbtError, match=f"Got {len(STORIES)} results"):
        finish_dbt(test)
    with duckdb.connect(str(warehouse)) as connection:
        found = connection.execute(
            "select company_id, rule from dbt_test__audit.calls_are_events_or_unattributed"
        ).fetchall()
    assert sorted(found) == [(order, rule) for order in sorted(STORIES)]
