"""The recount before publishing: it agrees with right marts and contradicts wrong ones."""

import shutil

import duckdb
import pytest

from orchestration.quality.accuracy import RECOUNT_SUITES, recount_profiles
from tests.oracle.events import PLAUSIBLE_YEARS

NAMES = {suite.asset[1]: suite for suite in RECOUNT_SUITES}


def figures(warehouse, day):
    """(mart, company, figure) to its value in raw and in the marts."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set timezone = 'UTC'")
        profiles = recount_profiles(connection, day, RECOUNT_SUITES, PLAUSIBLE_YEARS)
    return {
        (suite.asset[1], *row[:2]): row[2:]
        for suite, profile in profiles.items()
        for row in profile.rows
    }


@pytest.fixture
def world(built_worlds, tmp_path):
    """A copy of a built world, to be spoiled."""
    built = built_worlds[0]
    warehouse = tmp_path / built.warehouse.name
    shutil.copy(built.warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        views = "select view_name from duckdb_views() where schema_name = 'marts'"
        for (view,) in connection.execute(views).fetchall():
            connection.execute(f"create table marts.spoilt as select * from marts.{view}")
            connection.execute(f"drop view marts.{view}")
            connection.execute(f"alter table marts.spoilt rename to {view}")
    return warehouse, built.world.as_of


def test_the_recount_agrees_with_the_marts_of_random_companies(built_worlds):
    for built in built_worlds:
        found = figures(built.warehouse, built.world.as_of)
        assert {key: values for key, values in found.items() if values[0] != values[1]} == {}
        for mart in NAMES:
            assert any(values[0] for key, values in found.items() if key[0] == mart), mart


SPOILT = {
    "an event is lost": (
        "delete from marts.events where event_id = (select min(event_id) from marts.events)",
        {"events"},
    ),
    "an event is there twice": (
        "insert into marts.events select * from marts.events limit 1",
        {"events"},
    ),
    "a session is lost": (
        "delete from marts.sessions"
        " where session_id = (select min(session_id) from marts.sessions)",
        {"sessions"},
    ),
    "a session counts an event twice": (
        "update marts.sessions set events = events + 1"
        " where session_id = (select min(session_id) from marts.sessions)",
        {"sessions"},
    ),
    "an organization is said to be active": (
        "update marts.organizations set activity_state = 'active' where external_org_id = ("
        "select min(external_org_id) from marts.organizations where activity_state <> 'active')",
        {"organizations"},
    ),
    "a cent": (
        "update marts.revenue_kpis set mrr = mrr + 0.01 where mrr = ("
        "select max(mrr) from marts.revenue_kpis)",
        {"revenue_kpis"},
    ),
    "a company is lost": (
        "delete from marts.revenue_kpis where mrr = (select max(mrr) from marts.revenue_kpis)",
        {"revenue_kpis"},
    ),
    "another day": ("", {"events", "organizations"}),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_wrong_in_the_marts_is_found(world, name):
    warehouse, day = world
    statement, marts = SPOILT[name]
    if statement:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(statement)
    else:
        day = day.replace(year=day.year - 1, day=1)
    found = figures(warehouse, day)
    wrong = {key[0] for key, values in found.items() if values[0] != values[1]}
    assert marts <= wrong
    assert not statement or wrong == marts
