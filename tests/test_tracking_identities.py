"""Each identity of the marts of tracking, broken in a built warehouse, fails its own check."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.support.dbt_runner import DbtError, finish_dbt, start_dbt
from tests.support.worlds import PROJECT_SEEDS, BuiltWorld

COUNTS = "tracking_counts_agree"
CALLS = "calls_are_events_or_unattributed"
ROLL_UP = "group_metrics_add_up"
MRR = "group_mrr_adds_up"
PLACES = "groups_have_one_place"
TRAITS = "trait_history_does_not_overlap"
PRIMARY = "users_have_one_primary_account"
LIFECYCLE = "ends_and_joins_count_once"
PLAN_ROWS = "tracking_plan_events_key_and_rules"
TREE_ROWS = "group_hierarchy_key_and_rules"
CHECKS = (COUNTS, CALLS, ROLL_UP, MRR, PLACES, TRAITS, PRIMARY, LIFECYCLE, PLAN_ROWS, TREE_ROWS)

IS_ACCOUNT_DAY = """
    app_id = 'all' and events > 0 and exists (
        select 1 from marts.organization_metrics_daily as days
        where days.company_id = t.company_id and days.app_id = t.app_id
            and days.external_org_id = t.group_id and days.date_day = t.date_day
    ) and not exists (
        select 1 from intermediate.int_group_rollup as others
        where others.company_id = t.company_id and others.ancestor_group_id = t.group_id
            and others.external_org_id <> t.group_id
    )
"""
OTHER_ACCOUNT = """(
    select min(group_id) from intermediate.int_group_chains as other
    where other.company_id = t.company_id and other.nearest_account_id = other.group_id
        and other.valid_to > t.occurred_at and other.valid_from <= t.occurred_at
        and other.group_id <> t.external_org_id
)"""
LINKS_ABOVE = "links = 1 and not is_top and valid_to is null"


@dataclass(frozen=True)
class Break:
    """An update of one row for which the condition holds; without a change the row is deleted."""

    check: str
    table: str
    condition: str
    change: str | None = None


BREAKS = {
    "2: an event is not counted": Break(
        COUNTS, "tracking_plan_events", "events > 1", "events = events - 1, calls = calls - 1"
    ),
    "2: an automatic call is not counted": Break(
        COUNTS, "tracking_plan_events", "status = 'automatic'", "calls = calls + 1"
    ),
    "2: calls are events or unattributed": Break(
        PLAN_ROWS,
        "tracking_plan_events",
        "status = 'unplanned'",
        "unattributed = unattributed + 1",
    ),
    "2: an unattributed call is lost": Break(
        CALLS,
        "intermediate.int_usage_calls",
        "(company_id, app_id, call_id) in (select (company_id, app_id, call_id)"
        " from intermediate.int_call_accounts where external_org_id is null and is_event)",
    ),
    "3: events of the tops": Break(
        ROLL_UP, "group_metrics_daily", "top_events > 0", "top_events = top_events - 1"
    ),
    "3: events of an account": Break(
        ROLL_UP, "group_metrics_daily", IS_ACCOUNT_DAY, "events = events + 1"
    ),
    "3: sessions of an account": Break(
        ROLL_UP, "group_metrics_daily", IS_ACCOUNT_DAY, "sessions = sessions + 1"
    ),
    "3: users of an account": Break(
        ROLL_UP,
        "group_metrics_daily",
        f"active_users is not null and {IS_ACCOUNT_DAY}",
        "active_users = active_users + 1",
    ),
    "4: group of another account": Break(
        CALLS,
        "intermediate.int_session_events",
        f"vendor is not null and {OTHER_ACCOUNT} is not null",
        f"group_id = {OTHER_ACCOUNT}",
    ),
    "5: two tops": Break(PLACES, "group_hierarchy", LINKS_ABOVE, "is_top = true"),
    "5: no account": Break(PLACES, "group_hierarchy", "is_account", "is_account = false"),
    "5: not itself": Break(PLACES, "group_hierarchy", "links = 0"),
    "5: an ancestor twice": Break(
        PLACES, "group_hierarchy", LINKS_ABOVE, "ancestor_group_id = group_id"
    ),
    "5: a time without a top": Break(
        PLACES, "group_hierarchy", "is_top and valid_to is null", "valid_to = '2030-01-01'"
    ),
    "5: too many links": Break(TREE_ROWS, "group_hierarchy", "links = 10", "links = 11"),
    "5: values overlap": Break(
        TRAITS, "trait_history", "valid_to is not null", "valid_to = '2999-01-01'"
    ),
    "5: two current values": Break(
        TRAITS, "trait_history", "valid_to is not null", "valid_to = null, is_current = true"
    ),
    "5: another value of a user": Break(
        TRAITS,
        "users",
        'traits like \'%"role":"%\'',
        'traits = replace(traits, \'"role":"\', \'"role":"not \')',
    ),
    "5: no traits of a group": Break(TRAITS, "groups", "traits is not null", "traits = null"),
    "5: no traits of an account": Break(TRAITS, "accounts", "traits is not null", "traits = null"),
    "6: no primary account": Break(PRIMARY, "user_accounts", "is_primary", "is_primary = false"),
    "6: two primary accounts": Break(
        PRIMARY, "user_accounts", "not is_primary", "is_primary = true"
    ),
    "6: an event of no user": Break(PRIMARY, "user_accounts", "events > 0", "events = events - 1"),
    "6: accounts of a user": Break(PRIMARY, "users", "true", "accounts = accounts + 1"),
    "7: an end without a trial": Break(
        LIFECYCLE, "trials", "ended_at is not null", "ended_at = null"
    ),
    "7: a join without an invitation": Break(LIFECYCLE, "invitations", "status = 'uninvited'"),
    "8: MRR of a top": Break(MRR, "groups", "links = 0", "mrr = mrr + 1"),
    "8: MRR of an organization": Break(
        MRR,
        "groups",
        "links = 0 and mrr_own > 0",
        "mrr = mrr + 1, mrr_own = mrr_own + 1",
    ),
    "9: more tracked users than in all applications": Break(
        COUNTS, "mtu_monthly", "app_id = 'all'", "tracked_users = 1000000"
    ),
    "9: fewer tracked users than in one application": Break(
        COUNTS,
        "mtu_monthly",
        "app_id = 'all' and tracked_users > anonymous_users",
        "tracked_users = 0",
    ),
    "9: accounts of a month": Break(
        COUNTS, "mtu_monthly", "app_id = 'all'", "accounts = accounts + 1"
    ),
    "9: a month of all is lost": Break(COUNTS, "mtu_monthly", "app_id = 'all'"),
    "9: five rules": Break(COUNTS, "telemetry_quality", "rule = 'missing_billing'"),
}


@pytest.fixture(scope="module")
def broken(built_worlds: list[BuiltWorld], tmp_path_factory) -> dict[str, set[str]]:
    """Per break the checks that fail for its company. Each break has a company of its own."""
    built, folder = built_worlds[0], tmp_path_factory.mktemp("identities")
    warehouse, seeds = folder / built.warehouse.name, folder / "seeds"
    shutil.copy(built.warehouse, warehouse)
    shutil.copytree(PROJECT_SEEDS, seeds)
    companies = _break_all(warehouse)
    test = start_dbt(
        *("test", "--store-failures", "--select", *CHECKS),
        warehouse=warehouse,
        seeds=seeds,
        work_dir=folder / "work",
        as_of=built.world.as_of,
    )
    with pytest.raises(DbtError, match="configured to fail"):
        finish_dbt(test)
    return _failed_checks(warehouse, companies)


def _break_all(warehouse: Path) -> dict[str, str]:
    """Do all breaks; returns the company of each."""
    companies: dict[str, str] = {}
    with duckdb.connect(str(warehouse)) as connection:
        # The rarest first: each leaves the others enough companies.
        for name in sorted(BREAKS, key=lambda name: _companies_for(connection, BREAKS[name])):
            one = BREAKS[name]
            table = one.table if "." in one.table else f"marts.{one.table}"
            row = connection.execute(
                f"select company_id, rowid from {table} as t where ({one.condition})"
                " and not list_contains($1, company_id) order by all limit 1",
                [list(companies.values())],
            ).fetchone()
            assert row, f"no row to break for {name}"
            companies[name] = row[0]
            change = (
                f"update {table} as t set {one.change}" if one.change else f"delete from {table}"
            )
            connection.execute(f"{change} where rowid = {row[1]}")
    return companies


def _companies_for(connection: duckdb.DuckDBPyConnection, one: Break) -> int:
    table = one.table if "." in one.table else f"marts.{one.table}"
    query = f"select count(distinct company_id) from {table} as t where {one.condition}"
    return connection.execute(query).fetchone()[0]


def _failed_checks(warehouse: Path, companies: dict[str, str]) -> dict[str, set[str]]:
    names = {company: name for name, company in companies.items()}
    found: dict[str, set[str]] = {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for check in CHECKS:
            query = f"select distinct company_id from dbt_test__audit.{check}"
            for (company,) in connection.execute(query).fetchall():
                found.setdefault(names.get(company, company), set()).add(check)
    return found


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_identity_fails_its_check(broken, name: str) -> None:
    assert BREAKS[name].check in broken.get(name, set())


def test_no_other_company_fails(broken) -> None:
    assert broken.keys() <= BREAKS.keys()
