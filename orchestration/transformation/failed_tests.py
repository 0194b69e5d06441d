"""Whose rows a failed dbt test found: those companies are held back, and no others.

Within a run no test fails the build (``SAAS_TRACKER_TEST_SEVERITY`` in dbt_project.yml): the models
downstream are built for the companies that it does not concern. The rows that failed a test are
asked for once more when dbt is done, by the query that dbt compiled.
"""

from collections.abc import Collection, Mapping
from typing import Any

import dagster as dg
import duckdb

from ingestion.settings import Settings
from orchestration.quality.suites import Verdict
from orchestration.transformation.engine import engine_of

_SHOWN_ROWS = 3
_SHOWN_CHARACTERS = 60


def is_gate(test: Mapping[str, Any]) -> bool:
    """Whether a test of the manifest holds companies back; one whose YAML says ``warn`` does not.

    The severity of the others is the project's, which a run sets.
    """
    return str(test.get("unrendered_config", {}).get("severity", "")).lower() != "warn"


def verdict_on(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    registered: Collection[str],
    *,
    holds_back: bool = True,
) -> Verdict:
    """What the rows that failed a test mean, with the first of them: a sentence per company.

    Rows without a company concern all. A company that is not registered has nothing to publish:
    its rows only warn, as do all of a test that does not hold anyone back.
    """
    failures = f"from ({query}\n) as failures"
    columns = connection.execute(f"describe select * {failures}").fetchall()
    own = "company_id" if "company_id" in {name for name, *_ in columns} else "null"
    found = connection.execute(
        f"select cast({own} as varchar), count(*), list(failures)[:{_SHOWN_ROWS}] {failures}"
        " group by 1 order by 1"
    ).fetchall()
    errors: list[tuple[str | None, str]] = []
    warnings = []
    for company_id, count, rows in found:
        is_of_all = company_id in (None, "*")
        whose = "rows" if is_of_all else f"rows of {company_id}"
        text = f"{count:,} {whose}: {'; '.join(map(_shown_row, rows))}"
        if holds_back and (is_of_all or company_id in registered):
            errors.append((None if is_of_all else company_id, text))
        else:
            warnings.append(text)
    return Verdict(
        errors=tuple(text for _, text in errors),
        warnings=tuple(warnings),
        companies=tuple(company_id for company_id, _ in errors),
    )


def judge_failed(
    settings: Settings,
    manifest: Mapping[str, Any],
    run_results: Mapping[str, Any],
    failed: Collection[str],
    registered: Collection[str],
) -> dict[str, Verdict]:
    """The verdict on each failed test, by its dbt id; nothing has been built since."""
    queries = {
        result["unique_id"]: result["compiled_code"]
        for result in run_results["results"]
        if result["unique_id"] in failed
    }
    engine, verdicts = engine_of(settings), {}
    for unique_id, query in queries.items():
        holds_back = is_gate(manifest["nodes"][unique_id])
        with engine.rows_of(query) as (connection, rows):
            verdicts[unique_id] = verdict_on(connection, rows, registered, holds_back=holds_back)
    return verdicts


def causes_of_failed(
    verdicts: Mapping[str, Verdict], names: Mapping[str, str]
) -> dict[str, list[str]]:
    """Whom the verdicts hold back, and the test with its rows for each."""
    causes: dict[str, list[str]] = {}
    for unique_id, verdict in verdicts.items():
        for company_id, why in verdict.causes.items():
            causes.setdefault(company_id, []).extend(f"{names[unique_id]}: {text}" for text in why)
    return causes


def judged(event: dg.AssetCheckResult, verdict: Verdict) -> dg.AssetCheckResult:
    """The result of a failed test with its rows; an error only where they concern all."""
    severity = dg.AssetCheckSeverity.ERROR if verdict.blocks else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        passed=False,
        asset_key=event.asset_key,
        check_name=event.check_name,
        severity=severity,
        description=verdict.text() or event.description,
        metadata={
            **event.metadata,
            "companies held back": dg.MetadataValue.json(sorted(verdict.causes)),
        },
    )


def _shown_row(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in row.items())


def _shown(value: Any) -> str:
    text = "(empty)" if value is None else str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
