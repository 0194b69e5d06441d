"""Blocking checks of what was loaded: nothing is built on rows that break a suite."""

from collections.abc import Iterator

import dagster as dg

from ingestion.raw_tables import SCHEMA
from ingestion.settings import Settings
from orchestration.landing.expectations import RAW_SUITES, RawSuite, Verdict, validate
from orchestration.lock import writer_lock
from orchestration.memory import RunMemory
from orchestration.policy import CHECK_RAW, POOL
from orchestration.progress import Reporter
from orchestration.warehouse import warehouse_connection

_VALIDATED = "validated_load_id"


def landing_checks(settings: Settings, reporter: Reporter) -> dg.AssetChecksDefinition:
    """One check per suite, on the rows of the loads that no earlier run has passed."""

    @dg.multi_asset_check(
        name=CHECK_RAW,
        specs=[
            dg.AssetCheckSpec(
                suite.name,
                asset=dg.AssetKey([SCHEMA, suite.table]),
                description=suite.description,
                blocking=True,
                metadata={"kind": "great_expectations"},
            )
            for suite in RAW_SUITES
        ],
        pool=POOL,
    )
    def check_raw(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with writer_lock(settings.warehouse, f"run {context.run.run_id}", context.log.info):
            verdicts = check_new_loads(settings, RunMemory(settings), reporter)
        for suite in RAW_SUITES:
            yield _result(suite, verdicts.get(suite.table))

    return check_raw


def check_new_loads(
    settings: Settings, memory: RunMemory, reporter: Reporter
) -> dict[str, Verdict]:
    """The verdict on each table that has rows since the last load that passed.

    A load that fails stays unpassed: the next run looks at it again.
    """
    passed_up_to = memory.get(_VALIDATED) or ""
    profiles = {}
    with warehouse_connection(settings) as connection:
        newest = connection.execute(f"select max(load_id) from {SCHEMA}._dlt_loads").fetchone()[0]
        # A warehouse that was made anew beside old notes starts from the beginning.
        since = passed_up_to if newest and passed_up_to <= newest else ""
        for suite in RAW_SUITES:
            query = suite.profile.format(new="_dlt_load_id > $1")
            profile = connection.execute(query, [since]).df()
            if len(profile):
                profiles[suite] = profile
    if profiles:
        reporter.stage("Check what was loaded", len(profiles))
    verdicts = {}
    for suite, profile in profiles.items():
        verdicts[suite.table] = validate(suite, profile)
        reporter.advance(suite.name)
    if all(verdict.passed for verdict in verdicts.values()):
        memory.set(_VALIDATED, newest)
    return verdicts


def _result(suite: RawSuite, verdict: Verdict | None) -> dg.AssetCheckResult:
    asset_key = dg.AssetKey([SCHEMA, suite.table])
    if verdict is None:
        return dg.AssetCheckResult(
            passed=True,
            asset_key=asset_key,
            check_name=suite.name,
            description="Nothing new since the last load that passed.",
        )
    return dg.AssetCheckResult(
        passed=verdict.passed,
        asset_key=asset_key,
        check_name=suite.name,
        description="; ".join(verdict.failures) or None,
        metadata={
            "expectations": verdict.expectations,
            "profiled rows": verdict.profiled_rows,
            "failures": dg.MetadataValue.json(verdict.failures),
        },
    )
