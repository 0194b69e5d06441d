"""Suites and verdicts as Dagster shows them."""

import dagster as dg

from ingestion.settings import Settings
from orchestration.platform.settings import load_operations
from orchestration.quality.suites import Suite, Verdict, data_docs


def check_spec(suite: Suite) -> dg.AssetCheckSpec:
    """The asset check of a suite. It can block; whether it does is a matter of its verdict."""
    return dg.AssetCheckSpec(
        suite.name,
        asset=dg.AssetKey(suite.asset),
        description=suite.description,
        blocking=True,
        metadata={"kind": "great_expectations"},
    )


def check_result(settings: Settings, suite: Suite, verdict: Verdict | None) -> dg.AssetCheckResult:
    """What a suite said, with the way to its pages. Without a verdict there was nothing new."""
    # Where companies are held back, the others go on: an error would stop the run.
    severity = dg.AssetCheckSeverity.ERROR
    if verdict is None:
        verdict, text = Verdict(), "Nothing new since the last load that passed."
    else:
        text = verdict.text()
        if not verdict.blocks:
            severity = dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        passed=verdict.passed,
        severity=severity,
        asset_key=dg.AssetKey(suite.asset),
        check_name=suite.name,
        description=text or None,
        metadata={
            "expectations": verdict.expectations,
            "profiled rows": verdict.profiled_rows,
            "errors": dg.MetadataValue.json(list(verdict.errors)),
            "warnings": dg.MetadataValue.json(list(verdict.warnings)),
            "companies held back": dg.MetadataValue.json(sorted(verdict.causes)),
            "data docs": _pages(settings),
        },
    )


def _pages(settings: Settings) -> dg.MetadataValue:
    """Where the pages are: their address, or their file, which browsers open from no web page."""
    address = load_operations().data_docs_url
    if address is not None:
        return dg.MetadataValue.url(f"{str(address).rstrip('/')}/index.html")
    return dg.MetadataValue.path(str(data_docs(settings) / "index.html"))
