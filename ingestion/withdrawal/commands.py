"""Preview and apply of a withdrawal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from ingestion.errors import UserError
from ingestion.landing.storage import LandingZone
from ingestion.loading.batch import work_connection
from ingestion.raw.tables import RAW_TABLES_BY_NAME, SCHEMA
from ingestion.raw.warehouse import CATALOG, raw_tables
from ingestion.reference import load_registry
from ingestion.reporting import Reporter, SilentReporter
from ingestion.settings import Settings
from ingestion.sql import literal
from ingestion.withdrawal.after import After
from ingestion.withdrawal.again import Again
from ingestion.withdrawal.effects import company_effects, rejected_files, withdrawn_files
from ingestion.withdrawal.plan import Plan, make_plan
from ingestion.withdrawal.report import WithdrawalReport
from ingestion.withdrawal.target import STORED, find_target, withdrawn_before
from ingestion.withdrawal.zone import FormerFiles

_OWN_TABLES = ("withdrawals", "withdrawn_files")


@dataclass(frozen=True)
class _Computed:
    """A withdrawal that is ready to be made."""

    connection: duckdb.DuckDBPyConnection
    plan: Plan
    after: After
    report: WithdrawalReport


def preview(
    settings: Settings, what: str, company_id: str | None = None, reporter: Reporter | None = None
) -> WithdrawalReport:
    """What a withdrawal would do. Changes nothing.

    Raises UserError where nothing of the name was loaded, or a file that has to be read again
    cannot be.
    """
    with _computed(settings, what, company_id, reporter, writes=False) as computed:
        return computed.report if isinstance(computed, _Computed) else computed


def apply(
    settings: Settings, what: str, company_id: str | None = None, reporter: Reporter | None = None
) -> WithdrawalReport:
    """Take it out of ``raw``, in one transaction. A second time changes nothing more."""
    with _computed(settings, what, company_id, reporter, writes=True) as computed:
        if isinstance(computed, WithdrawalReport):
            return computed
        # dlt takes seconds to import, and a preview does not need it.
        from ingestion.withdrawal.commit import commit

        commit(computed.connection, computed.plan, computed.after, settings.current_time())
        computed.report.applied = True
        return computed.report


@contextmanager
def _computed(
    settings: Settings,
    what: str,
    company_id: str | None,
    reporter: Reporter | None,
    *,
    writes: bool,
) -> Iterator[_Computed | WithdrawalReport]:
    """The withdrawal, or the report of one that was made before."""
    registry = load_registry(settings)
    if not settings.warehouse.exists():
        raise UserError("nothing has been loaded yet: run `saas-tracker run`")
    with work_connection(settings) as (connection, folder):
        mode = "" if writes else " (read_only)"
        connection.execute(f"attach {literal(settings.warehouse)} as {STORED}{mode}")
        tables = frozenset(raw_tables(connection, STORED))
        if "loaded_files" not in tables:
            raise UserError("nothing has been loaded yet: run `saas-tracker run`")
        if "calls" not in tables:
            raise UserError("the warehouse is of an earlier version: run `saas-tracker run` first")
        if writes:
            _make_own_tables(connection)
        has_own = set(_OWN_TABLES) <= tables
        if has_own and (before := withdrawn_before(connection, settings, what)):
            yield WithdrawalReport(before[0], withdrawn_at=before[1])
            return
        target = find_target(connection, settings, what, company_id)
        plan = make_plan(connection, target, tables & set(RAW_TABLES_BY_NAME))
        connection.execute(f"attach ':memory:' as {CATALOG}")
        reporter = reporter or SilentReporter()
        zone = LandingZone(settings.landing, settings.limits, folder, reporter.advanced)
        files = FormerFiles(zone)
        after = After(connection, plan)
        again = Again(connection, plan, after, files, registry, reporter, folder)
        again.run()
        report = WithdrawalReport(
            str(target),
            withdrawn_files(connection, plan),
            rejected_files(connection, plan),
            company_effects(connection, plan, settings.as_of_date().isoformat()),
            sorted(again.read),
            sorted(again.gone),
        )
        yield _Computed(connection, plan, after, report)


def _make_own_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """A warehouse that an earlier version of the product made does not have them yet."""
    for name in _OWN_TABLES:
        columns = RAW_TABLES_BY_NAME[name].duckdb_columns().items()
        typed = ", ".join(f"{column} {kind}" for column, kind in columns)
        connection.execute(f"create table if not exists {STORED}.{SCHEMA}.{name} ({typed})")
