"""What a dbt build says: checks, tables with their facts, and the companies that it leaves out."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any, Final

import dagster as dg
from dagster_dbt import DbtCliInvocation

from ingestion.reference import load_registry
from ingestion.settings import Settings
from orchestration.platform.progress import Reporter
from orchestration.platform.warehouse import row_counts
from orchestration.quality.suites import Verdict
from orchestration.state.held_back import hold_back, leave_out
from orchestration.state.run_memory import RunMemory
from orchestration.transformation.arguments import CALLS_TAG
from orchestration.transformation.broken_models import causes_of_broken
from orchestration.transformation.engine import engine_of
from orchestration.transformation.failed_tests import causes_of_failed, judge_failed, judged
from orchestration.transformation.lineage import ColumnLineage, column_schema, readable
from orchestration.transformation.project import build_folder
from orchestration.transformation.translator import WarehouseTranslator

_SCHEMAS = ("seeds", "staging", "intermediate", "marts")
_RUN_RESULTS: Final = "run_results.json"

Start = Callable[[Collection[str]], DbtCliInvocation]
"""Starts a build without the companies that it is given."""


@dataclass
class _Build:
    """A build that has ended: its events, and its failure where it failed."""

    invocation: DbtCliInvocation
    checks: list[Any] = field(default_factory=list)
    tables: list[dg.Output] = field(default_factory=list)
    failed: dict[str, dg.AssetCheckResult] = field(default_factory=dict)
    failure: Exception | None = None


def build(
    context: dg.AssetExecutionContext, settings: Settings, start: Start, reporter: Reporter
) -> Iterator[Any]:
    """Build, without the companies whose rows break a model; their causes are noted.

    Results come at the end. Tables are read when dbt is done: until then its process has the
    warehouse for itself. So are the rows that failed a test, which say whom it holds back. Raises
    dg.Failure where that is all, and dbt's failure where a model breaks for all companies.
    """
    memory, registered = RunMemory(settings), set(load_registry(settings).companies)
    causes: dict[str, list[str]] = {}
    while True:
        reporter.stage(_stage(causes), _steps(context))
        done = _run(start, causes, settings, reporter)
        broken = _broken(settings, done, registered - causes.keys()) if done.failure else {}
        if not broken:
            break
        context.log.warning(f"built again without {', '.join(broken)}: {broken}")
        causes |= broken
    verdicts = {} if done.failure else _verdicts(settings, done, registered)
    if not done.failure and not any(verdict.blocks for verdict in verdicts.values()):
        engine_of(settings).finish(done.invocation.manifest)
    yield from done.checks
    yield from _tables(context, settings, done)
    if done.failure is not None:
        yield from done.failed.values()
        raise done.failure
    leave_out(memory, causes)
    for unique_id, verdict in verdicts.items():
        yield judged(done.failed[unique_id], verdict)
    if any(verdict.blocks for verdict in verdicts.values()):
        raise dg.Failure("a test failed for all companies", allow_retries=False)
    names = {unique_id: str(event.check_name) for unique_id, event in done.failed.items()}
    hold_back(memory, "build", {**causes_of_failed(verdicts, names), **causes})


def _stage(left_out: Collection[str]) -> str:
    return f"Build without {', '.join(left_out)}" if left_out else "Build"


def _steps(context: dg.AssetExecutionContext) -> int:
    return len(context.selected_asset_keys) + len(context.selected_asset_check_keys)


def _run(start: Start, left_out: Collection[str], settings: Settings, reporter: Reporter) -> _Build:
    """Build once, up to the end or the failure: what was built before it is reported, too."""
    (build_folder(settings) / _RUN_RESULTS).unlink(missing_ok=True)
    done = _Build(start(left_out))
    try:
        for event in _until_failure(done.invocation):
            if isinstance(event, Exception):
                done.failure = event
                break
            reporter.advance(_label(event))
            if isinstance(event, dg.Output):
                done.tables.append(event)
            elif _is_failed_test(event):
                done.failed[event.metadata["unique_id"].value] = event
            else:
                done.checks.append(event)
    finally:
        _stop(done.invocation)
    return done


def _broken(settings: Settings, done: _Build, companies: set[str]) -> dict[str, list[str]]:
    """The companies, not all of them, whose rows made the build fail, and how."""
    try:
        run_results = done.invocation.get_artifact(_RUN_RESULTS)
    except FileNotFoundError:
        return {}  # dbt built nothing
    return causes_of_broken(settings, done.invocation.manifest, run_results, sorted(companies))


def _verdicts(settings: Settings, done: _Build, registered: set[str]) -> dict[str, Verdict]:
    if not done.failed:
        return {}
    run_results = done.invocation.get_artifact(_RUN_RESULTS)
    return judge_failed(settings, done.invocation.manifest, run_results, done.failed, registered)


def _is_failed_test(event: Any) -> bool:
    """Whether it is the result of a test that found rows: within a run that fails nothing yet."""
    return (
        isinstance(event, dg.AssetCheckResult)
        and not event.passed
        and event.severity == dg.AssetCheckSeverity.WARN
    )


def _tables(
    context: dg.AssetExecutionContext, settings: Settings, done: _Build
) -> Iterator[dg.Output | dg.MaterializeResult]:
    """All tables that a build has made, each after those that it reads, as Dagster asks for."""
    manifest = done.invocation.manifest
    built = dict(_with_facts(context, settings, manifest, done.tables))
    empty = _made_without_rows(context, manifest) if done.failure is None else {}
    for unique_id in TopologicalSorter(manifest["parent_map"]).static_order():
        if table := built.get(unique_id) or empty.get(unique_id):
            yield table


def _made_without_rows(
    context: dg.AssetExecutionContext, manifest: Mapping[str, Any]
) -> dict[str, dg.MaterializeResult]:
    """The marts that a build leaves out where no application sends calls: it has made them empty.

    What reads marts, such as the publication, is skipped where one of them does not come.
    """
    keys = {
        unique_id: WarehouseTranslator().get_asset_key(node)
        for unique_id, node in manifest["nodes"].items()
        if node["schema"] == "marts" and CALLS_TAG in node["tags"]
    }
    return {
        unique_id: dg.MaterializeResult(key, metadata={"dagster/row_count": 0})
        for unique_id, key in keys.items()
        if key in context.selected_asset_keys
    }


def _with_facts(
    context: dg.AssetExecutionContext,
    settings: Settings,
    manifest: Mapping[str, Any],
    tables: list[dg.Output],
) -> Iterator[tuple[str, dg.Output]]:
    """The tables with what the warehouse knows: rows, columns, where columns come from."""
    counts, columns = row_counts(settings, *_SCHEMAS), engine_of(settings).columns(manifest)
    lineage = ColumnLineage(settings, manifest, columns)
    unique_ids = [_unique_id(output) for output in tables]
    sources = lineage.of(unique_ids)
    for problem in lineage.problems:
        context.log.warning(problem)
    for unique_id, output in zip(unique_ids, tables, strict=True):
        node = manifest["nodes"][unique_id]
        schema, table, lineage_found = node["schema"], node["alias"], sources.get(unique_id)
        facts = {
            "dagster/row_count": counts.get(f"{schema}.{table}"),
            "dagster/column_schema": column_schema(node, columns.get(schema, {}).get(table, {})),
            "dagster/column_lineage": lineage_found,
            "where columns come from": lineage_found and readable(lineage_found),
        }
        known = {name: value for name, value in facts.items() if value is not None}
        yield unique_id, output.with_metadata({**output.metadata, **known})


def _until_failure(invocation: DbtCliInvocation) -> Iterator[Any]:
    """dbt's events; its failure comes last, as a value: what was built is reported first."""
    try:
        yield from invocation.stream()
    except Exception as error:  # noqa: BLE001
        yield error


def _stop(invocation: DbtCliInvocation) -> None:
    """End a dbt that still runs: nobody listens to it any more."""
    if invocation.process.poll() is None:
        invocation.process.terminate()
        invocation.process.wait()


def _label(event: Any) -> str:
    if isinstance(event, dg.AssetCheckResult):
        return f"check {event.check_name}"
    if isinstance(event, dg.Output):
        return _unique_id(event).rsplit(".", 1)[-1]
    return ""


def _unique_id(output: dg.Output) -> str:
    return str(output.metadata["unique_id"].value)
