"""The audit between building and publishing: nothing is published that a recount contradicts."""

from collections.abc import Iterator

import dagster as dg

from ingestion.settings import Settings
from orchestration.platform.lock import writer_lock
from orchestration.platform.policy import AUDIT, POOL
from orchestration.platform.progress import Reporter
from orchestration.platform.warehouse import warehouse_connection
from orchestration.quality.accuracy import RECOUNT_SUITES, RecountSuite, recount_profiles
from orchestration.quality.gates import causes_of, verdicts_on
from orchestration.quality.results import check_result, check_spec
from orchestration.quality.suites import Verdict
from orchestration.state.build_stages import built_for, finish_audit
from orchestration.state.held_back import hold_back
from orchestration.state.run_memory import RunMemory


def audit_checks(settings: Settings, reporter: Reporter) -> dg.AssetChecksDefinition:
    """One check per recounted mart. Parts of a build are not recounted: they are not published."""

    @dg.multi_asset_check(
        name=AUDIT,
        specs=[check_spec(suite) for suite in RECOUNT_SUITES],
        can_subset=True,
        pool=POOL,
    )
    def audit_marts(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with writer_lock(settings.warehouse, f"run {context.run.run_id}", context.log.info):
            verdicts = audit(settings, reporter)
        for suite in RECOUNT_SUITES:
            key = dg.AssetCheckKey(dg.AssetKey(suite.asset), suite.name)
            if key in context.selected_asset_check_keys:
                yield check_result(settings, suite, verdicts.get(suite))

    return audit_marts


def audit(settings: Settings, reporter: Reporter) -> dict[RecountSuite, Verdict]:
    """Recount what was built as a whole; companies for which it differs are held back."""
    memory = RunMemory(settings)
    day = built_for(memory)
    if day is None:
        return {}
    reporter.stage("Recount")
    with warehouse_connection(settings) as connection:
        profiles = recount_profiles(connection, day, RECOUNT_SUITES)
    verdicts = verdicts_on(settings, profiles, reporter, "Compare the recount")
    if not any(verdict.blocks for verdict in verdicts.values()):
        hold_back(memory, "recount", causes_of(verdicts.values()))
        finish_audit(memory)
    return verdicts
