"""``run``: the whole graph in one process, with a summary at its end."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.settings import Settings
from orchestration.cli.context import load_settings, warn_of_reference_data
from orchestration.cli.load_report import ignored_facts, load_facts, print_load
from orchestration.cli.output import error_line, fail, note, print_json, print_line
from orchestration.platform.faults import explained
from orchestration.platform.lock import run_lock, writer_lock

if TYPE_CHECKING:
    from orchestration.runner import RunOutcome

_SHOWN = 5
_NOT_PUBLISHED = "the run ended before anything was published"


def run(
    *,
    as_of: date | None,
    full_refresh: bool,
    full_scan: bool,
    select: str | None,
    as_json: bool,
) -> int:
    """Run the job and report. Returns 1 where a check or a step failed."""
    from orchestration.cli.progress import StageReporter
    from orchestration.cli.quiet import output_to
    from orchestration.platform.warehouse import last_load
    from orchestration.transformation.inputs import nothing_is_new

    settings = load_settings()
    started = time.monotonic()
    if settings.has_default_landing and not Path(settings.landing).exists():
        Path(settings.landing).mkdir()
        note(f"the landing zone is new and empty: drop files into {settings.landing}")
    warn_of_reference_data(settings)
    with run_lock(settings.warehouse, "saas-tracker run", note):
        with writer_lock(settings.warehouse, "saas-tracker run", note):
            before = last_load(settings)
        with output_to(log_path(settings)) as terminal, StageReporter(terminal) as reporter:
            reporter.stage("Start")
            reporter.advance("is anything new?", 0)
            is_whole = select is None and not full_refresh
            look_first = is_whole and nothing_is_new(settings, as_of or settings.as_of_date())
            reporter.advance("reading the dbt project, starting Dagster", 0)
            with nullcontext() if look_first else _manifest_beside(settings):
                from orchestration.runner import execute

                outcome = execute(
                    settings,
                    reporter,
                    as_of=as_of,
                    full_refresh=full_refresh,
                    full_scan=full_scan,
                    selection=select,
                    look_first=look_first,
                )
        summary = {
            **_outcome_facts(outcome),
            **load_facts(settings, before),
            **ignored_facts(settings),
            "held_back": _held_back(settings) if outcome.is_published else [],
            "as_of_date": (as_of or settings.as_of_date()).isoformat(),
            "seconds": round(time.monotonic() - started, 1),
            "log": str(log_path(settings)),
        }
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary, partial=select is not None)
    if outcome.succeeded and (select or summary["is_up_to_date"] or outcome.is_published):
        return 0
    return fail(_failure(outcome, settings, summary["held_back"]), 1)


@contextmanager
def _manifest_beside(settings: Settings) -> Iterator[None]:
    """Parse the dbt project, where that is due, while Dagster is imported."""
    from orchestration.transformation.project import ensure_manifest

    with ThreadPoolExecutor(1) as pool:
        pool.submit(ensure_manifest, settings)  # the run asks again, and hears of errors
        yield


def log_path(settings: Settings) -> Path:
    """Where the last run's log lies."""
    return settings.warehouse.with_suffix(".log")


def _held_back(settings: Settings) -> list[dict[str, Any]]:
    """The companies that were left out when the others were published, and why."""
    from ingestion.reference import load_registry
    from orchestration.state.held_back import held_back
    from orchestration.state.run_memory import RunMemory

    causes = held_back(RunMemory(settings), load_registry(settings).companies)
    return [{"company_id": name, "causes": why} for name, why in causes.items()]


def _outcome_facts(outcome: "RunOutcome") -> dict[str, Any]:
    built = [key for key in outcome.materialized if not key.startswith(("raw/", "serving/"))]
    return {
        "run_id": outcome.run_id,
        "status": "succeeded" if outcome.succeeded else "failed",
        "is_up_to_date": outcome.succeeded and not built,
        "is_published": outcome.is_published,
        "tables_built": len(built),
        "marts_built": sum(key.startswith("marts/") for key in built),
        "checks_passed": outcome.checks_passed,
        "checks_failed": [vars(check) for check in outcome.failed_checks],
    }


def _print_summary(summary: dict[str, Any], *, partial: bool) -> None:
    facts = {name: f"{value:,}" for name, value in summary.items() if isinstance(value, int)}
    print_load(summary)
    if summary["is_up_to_date"] and not partial:
        print_line(f"Built    nothing: the marts of {summary['as_of_date']} are up to date")
    elif summary["tables_built"] or summary["checks_failed"]:
        print_line(
            f"Built    {facts['tables_built']} tables, {facts['marts_built']} of them marts,"
            f" as of {summary['as_of_date']}"
        )
        failed = len(summary["checks_failed"])
        stopped = ", then the run stopped" if summary["status"] == "failed" and not failed else ""
        others = f", {failed} did not" if failed else ""
        print_line(f"Checked  {facts['checks_passed']} checks passed{others}{stopped}")
    for check in [check for check in summary["checks_failed"] if not check["is_error"]][:_SHOWN]:
        print_line(f"         warning: {check['name']} on {check['asset']}: {check['message']}")
    if summary["is_published"]:
        others = " of the other companies" if summary["held_back"] else ""
        print_line(f"Published the read-only copies{others}")
    for company in summary["held_back"]:
        print_line(f"Held back {company['company_id']}, which keeps its last good copy:")
        for cause in company["causes"][:_SHOWN]:
            print_line(f"         {cause}")
    print_line(f"Done in {summary['seconds']} s")


def _failure(outcome: "RunOutcome", settings: Settings, held_back: list[dict[str, Any]]) -> str:
    """One line: what failed, and where to look."""
    if held_back:
        names = ", ".join(company["company_id"] for company in held_back)
        return (
            f"held back: {names}; the copies of every other company are published"
            f" ({held_back[0]['causes'][0]}) (log: {log_path(settings)})"
        )
    failed = [check for check in outcome.failed_checks if check.is_error]
    if failed:
        names = ", ".join(f"{check.name} on {check.asset}" for check in failed[:_SHOWN])
        more = f" and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
        first = failed[0]
        said = f" ({first.message})" if first.message else ""
        what = (
            f"{len(failed)} checks failed: {names}{more}{said};"
            f" nothing was published; look at {_relation(first.asset)}"
        )
    else:
        said = explained(outcome.errors[0], settings) if outcome.errors else _NOT_PUBLISHED
        what = error_line(said)[:500]
    return f"{what} (log: {log_path(settings)})"


def _relation(asset: str) -> str:
    """``marts/organizations`` as a table of the warehouse."""
    return "the table " + asset.replace("/", ".")
