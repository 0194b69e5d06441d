"""The marts against an independent recount, to the last cent: one suite per mart."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.quality.suites import Profile, Suite, equal

if TYPE_CHECKING:
    from orchestration.quality.recount import Numbers, Recount

_COLUMNS = ("company_id", "figure", "from_raw", "in_marts")


@dataclass(frozen=True)
class RecountSuite(Suite):
    """``recount`` gives the figures from raw and from the marts."""

    recount: Callable[["Recount", duckdb.DuckDBPyConnection], tuple["Numbers", "Numbers"]]


def recount_profiles(
    connection: duckdb.DuckDBPyConnection,
    day: date,
    suites: tuple[RecountSuite, ...],
    history_years: int,
    left_out: Collection[str] = (),
) -> dict[RecountSuite, Profile]:
    """Every figure twice, for each suite; ``history_years`` as in ``Recount``.

    Nothing was built of companies that are ``left_out``: there is nothing to compare.
    """
    from orchestration.quality.recount import Recount

    recount = Recount(connection, day, history_years)
    return {suite: _profile(*suite.recount(recount, connection), left_out) for suite in suites}


def _profile(from_raw: "Numbers", in_marts: "Numbers", left_out: Collection[str]) -> Profile:
    """A figure that one side does not have is 0 there."""
    keys = sorted(key for key in {*from_raw, *in_marts} if key[0] not in left_out)
    return Profile(
        _COLUMNS, tuple((*key, from_raw.get(key, 0), in_marts.get(key, 0)) for key in keys)
    )


def _suite(mart: str, description: str, recount: Any) -> RecountSuite:
    return RecountSuite(
        name=f"{mart}_equal_a_recount",
        asset=("marts", mart),
        description=description,
        expectations=(equal("from_raw", "in_marts"),),
        place="{company_id}, {figure}",
        advice=f"compare marts.{mart} with raw; `saas-tracker run --full-refresh` rebuilds"
        " everything after raw: if they differ still, the last change of a model is wrong",
        recount=recount,
    )


def _numbers(connection: duckdb.DuckDBPyConnection, query: str) -> "Numbers":
    found = connection.execute(query).fetchall()
    return {(company, figure): int(value) for company, figure, value in found if value}


def _events(recount: "Recount", connection: duckdb.DuckDBPyConnection) -> Any:
    query = "select company_id, 'events of ' || app_id, count(*) from marts.events group by all"
    return recount.events(), _numbers(connection, query)


def _sessions(recount: "Recount", connection: duckdb.DuckDBPyConnection) -> Any:
    query = """select company_id, 'events of ' || app_id, sum(events) from marts.sessions
        group by all"""
    return recount.events(), _numbers(connection, query)


def _organizations(recount: "Recount", connection: duckdb.DuckDBPyConnection) -> Any:
    query = """select company_id, 'active organizations', count(*) from marts.organizations
        where activity_state = 'active' group by company_id"""
    return recount.organizations(), _numbers(connection, query)


def _kpis(recount: "Recount", connection: duckdb.DuckDBPyConnection) -> Any:
    query = """
        select company_id, 'MRR in cents', (100 * mrr)::bigint from marts.revenue_kpis
        union all
        select company_id, 'paying organizations', paying_orgs from marts.revenue_kpis
        union all
        select company_id, 'counting subscriptions', count(*) from marts.subscriptions
        where is_active group by company_id"""
    return recount.money(), _numbers(connection, query)


RECOUNT_SUITES = (
    _suite("events", "Production events of every application, counted in raw.", _events),
    _suite("sessions", "Events of all sessions, by application, counted in raw.", _sessions),
    _suite("organizations", "Active organizations, counted in raw.", _organizations),
    _suite("revenue_kpis", "MRR to the cent, paying organizations, subscriptions.", _kpis),
)
