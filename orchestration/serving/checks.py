"""The audit between building and publishing: nothing is published that a recount contradicts."""

from collections.abc import Iterator

import dagster as dg

from ingestion.reference import load_registry
from ingestion.settings import Settings
from orchestration.platform.lock import writer_lock
from orchestration.platform.policy import AUDIT, POOL
from orchestration.platform.progress import Reporter
from orchestration.platform.warehouse import warehouse_connection
from orchestration.quality.accuracy import RECOUNT_SUITES, RecountSuite, recount_profiles
from orchestration.quality.gates import causes_of, verdicts_on
from orchestration.quality.results import check_result, check_spec
from orchestration.quality.suites import Verdict
from orchestration.serving.assets import PUBLISHED
from orchestration.state.build_stages import built_for, finish_audit
from orchestration.state.held_back import held_back, hold_back, left_out
from orchestration.state.run_memory import RunMemory

EVERY_COMPANY = "every_company_is_published"


def publication_check(settings: Settings) -> dg.AssetChecksDefinition:
    """Fails, and with it the run, where companies were held back; by then all others are out."""

    @dg.multi_asset_check(
        name=EVERY_COMPANY,
        specs=[
            dg.AssetCheckSpec(
                EVERY_COMPANY,
                asset=PUBLISHED,
                description="No gate holds back a company: it would keep its last good copies.",
            )
        ],
        pool=POOL,
    )
    def name_companies_held_back() -> Iterator[dg.AssetCheckResult]:
        causes = held_back(RunMemory(settings), load_registry(settings).companies)
        said = [
            f"{company_id} is held back and keeps its last good copy: {why[0]}"
            + (f" (and {len(why) - 1} more)" if len(why) > 1 else "")
            for company_id, why in causes.items()
        ]
        yield dg.AssetCheckResult(
            passed=not causes,
            asset_key=PUBLISHED,
            check_name=EVERY_COMPANY,
            description="; ".join(said) or None,
            metadata={"causes": dg.MetadataValue.json(causes)},
        )
        if causes:
            raise dg.Failure(f"held back: {', '.join(causes)}", allow_retries=False)

    return name_companies_held_back


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
        profiles = recount_profiles(
            connection, day, RECOUNT_SUITES, settings.history_years, left_out(memory)
        )
    verdicts = verdicts_on(settings, profiles, reporter, "Compare the recount")
    if not any(verdict.blocks for verdict in verdicts.values()):
        hold_back(memory, "recount", causes_of(verdicts.values()))
        finish_audit(memory)
    return verdicts
