"""Checks of what was loaded: nothing is built on what breaks a blocking expectation."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

import dagster as dg
import duckdb

from ingestion.raw.tables import SCHEMA
from ingestion.settings import Settings
from ingestion.sql import literal, only_row
from ingestion.thresholds import Thresholds, read_thresholds
from orchestration.landing.accounting import ACCOUNTING_SUITES
from orchestration.landing.arrivals import arrival_suites
from orchestration.landing.expectations import ROW_SUITES, RowSuite
from orchestration.platform.lock import writer_lock
from orchestration.platform.policy import CHECK_RAW, POOL
from orchestration.platform.progress import Reporter
from orchestration.platform.warehouse import warehouse_connection
from orchestration.quality.gates import causes_of, verdicts_on
from orchestration.quality.results import check_result, check_spec
from orchestration.quality.suites import Profile, Suite, Verdict, profile_of
from orchestration.state.held_back import hold_back
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
    arrivals = arrival_suites(limits, literal(now), settings.history_years)
    return (*ROW_SUITES, *ACCOUNTING_SUITES, *arrivals)


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

    A company whose rows break an expectation is held back: its loads stay unpassed, and the next
    run looks at them again. Where the fault is of no company, nobody's loads pass. Limits are read
    each time, so that one run may be given others.
    """
    limits, memory = read_thresholds(), RunMemory(settings)
    suites = raw_suites(settings, limits, as_of)
    with warehouse_connection(settings) as connection:
        newest = newest_load(connection)
        passed = _Passed.read(memory, newest)
        profiles = {
            suite: profile
            for suite in suites
            if (profile := _profile(connection, suite, passed, full_scan=full_scan)).rows
        }
    verdicts = verdicts_on(
        settings, profiles, reporter, "Check what was loaded", limits.model_dump()
    )
    if not any(verdict.blocks for verdict in verdicts.values()):
        causes = causes_of(verdicts.values())
        hold_back(memory, "load", causes)
        passed.but_for(causes, newest).write(memory)
    return {suite: verdicts.get(suite) for suite in suites}


def is_validated(settings: Settings) -> bool:
    """Whether every load has passed the checks, or is of a company that is held back."""
    with warehouse_connection(settings) as connection:
        newest = newest_load(connection)
    return _Passed.read(RunMemory(settings), newest).up_to == newest


def newest_load(connection: duckdb.DuckDBPyConnection) -> str:
    """The id of the newest committed load; empty before the first one."""
    (newest,) = only_row(connection.execute(f"select max(load_id) from {SCHEMA}._dlt_loads"))
    return newest or ""


@dataclass(frozen=True)
class _Passed:
    """The newest load that has passed, and that of each company that has been held back since."""

    up_to: str
    held_back: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, memory: RunMemory, newest: str) -> "_Passed":
        """As noted; of a warehouse that was made again beside old notes, nothing has passed."""
        noted = memory.get(_VALIDATED)
        passed = cls(**noted) if isinstance(noted, dict) else cls("")
        return passed if passed.up_to <= newest else cls("")

    def but_for(self, companies: Iterable[str], newest: str) -> "_Passed":
        """After checks that only these companies did not pass."""
        return _Passed(newest, {name: self.held_back.get(name, self.up_to) for name in companies})

    def write(self, memory: RunMemory) -> None:
        memory.set(_VALIDATED, {"up_to": self.up_to, "held_back": dict(self.held_back)})

    def sql(self) -> str:
        """The newest load that has passed, for a row with a ``company_id``."""
        if not self.held_back:
            return literal(self.up_to)
        cases = " ".join(
            f"when {literal(name)} then {literal(load)}" for name, load in self.held_back.items()
        )
        return f"(case company_id {cases} else {literal(self.up_to)} end)"


def _profile(
    connection: duckdb.DuckDBPyConnection, suite: RowSuite, passed: _Passed, *, full_scan: bool
) -> Profile:
    new = "true" if full_scan else f"_dlt_load_id > {passed.sql()}"
    return profile_of(connection, suite.profile.format(new=new, since=passed.sql()))
