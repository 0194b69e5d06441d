"""Checks of what was loaded: nothing is built on what breaks a blocking expectation."""

from collections.abc import Iterator
from datetime import date, datetime, time

import dagster as dg
import duckdb

from ingestion.raw.tables import SCHEMA
from ingestion.settings import Settings
from ingestion.sql import literal, only_row
from orchestration.landing.arrivals import arrival_suites
from orchestration.landing.expectations import ROW_SUITES, RowSuite
from orchestration.platform.lock import writer_lock
from orchestration.platform.policy import CHECK_RAW, POOL
from orchestration.platform.progress import Reporter
from orchestration.platform.warehouse import warehouse_connection
from orchestration.quality.gates import verdicts_on
from orchestration.quality.results import check_result, check_spec
from orchestration.quality.suites import Profile, Suite, Verdict, profile_of
from orchestration.quality.thresholds import Thresholds, read_thresholds
from orchestration.state.run_memory import RunMemory

_VALIDATED = "validated_load_id"


class CheckConfig(dg.Config):
    """What the checks look at besides the loads that no earlier run has passed."""

    full_scan: bool = False
    """The rows of all loads again."""
    as_of_date: str = ""
    """YYYY-MM-DD: silence of a source is measured up to the end of this day, if it is past."""


def raw_suites(
    settings: Settings, limits: Thresholds, as_of: date | None = None
) -> tuple[RowSuite, ...]:
    """Every suite on schema ``raw``."""
    now = settings.current_time().replace(microsecond=0)
    if as_of is not None:
        now = min(now, datetime.combine(as_of, time(23, 59, 59)))
    return (*ROW_SUITES, *arrival_suites(limits, literal(now), settings.history_years))


def landing_checks(settings: Settings, reporter: Reporter) -> dg.AssetChecksDefinition:
    """One check per suite, on the rows of the loads that no earlier run has passed."""

    @dg.multi_asset_check(
        name=CHECK_RAW,
        specs=[check_spec(suite) for suite in raw_suites(settings, read_thresholds())],
        pool=POOL,
    )
    def check_raw(
        context: dg.AssetCheckExecutionContext, config: CheckConfig
    ) -> Iterator[dg.AssetCheckResult]:
        with writer_lock(settings.warehouse, f"run {context.run.run_id}", context.log.info):
            verdicts = check_new_loads(
                settings,
                reporter,
                as_of=date.fromisoformat(config.as_of_date) if config.as_of_date else None,
                full_scan=config.full_scan,
            )
        for suite, verdict in verdicts.items():
            yield check_result(settings, suite, verdict)

    return check_raw


def check_new_loads(
    settings: Settings,
    reporter: Reporter,
    *,
    as_of: date | None = None,
    full_scan: bool = False,
) -> dict[Suite, Verdict | None]:
    """The verdict of each suite; None where there is nothing new to look at.

    A load that fails stays unpassed: the next run looks at it again. Limits are read anew each
    time, so that one run may be given others.
    """
    limits, memory = read_thresholds(), RunMemory(settings)
    suites = raw_suites(settings, limits, as_of)
    with warehouse_connection(settings) as connection:
        newest = newest_load(connection)
        # A warehouse that was made anew beside old notes starts from the beginning.
        passed_up_to = memory.get(_VALIDATED) or ""
        since = passed_up_to if passed_up_to <= newest else ""
        profiles = {
            suite: profile
            for suite in suites
            if (profile := _profile(connection, suite, since, full_scan=full_scan)).rows
        }
    verdicts = verdicts_on(
        settings, profiles, reporter, "Check what was loaded", limits.model_dump()
    )
    if not any(verdict.blocks for verdict in verdicts.values()):
        memory.set(_VALIDATED, newest)
    return {suite: verdicts.get(suite) for suite in suites}


def is_validated(settings: Settings) -> bool:
    """Whether every load has passed the checks that block."""
    with warehouse_connection(settings) as connection:
        return (RunMemory(settings).get(_VALIDATED) or "") >= newest_load(connection)


def newest_load(connection: duckdb.DuckDBPyConnection) -> str:
    """The id of the newest committed load; empty before the first one."""
    (newest,) = only_row(connection.execute(f"select max(load_id) from {SCHEMA}._dlt_loads"))
    return newest or ""


def _profile(
    connection: duckdb.DuckDBPyConnection, suite: RowSuite, since: str, *, full_scan: bool
) -> Profile:
    new = "true" if full_scan else f"_dlt_load_id > {literal(since)}"
    return profile_of(connection, suite.profile.format(new=new, since=literal(since)))
