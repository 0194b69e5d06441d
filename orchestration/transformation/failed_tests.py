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
from orchestration.platform.warehouse import warehouse_connection
from orchestration.quality.suites import Verdict

_SHOWN = 5


def is_gate(test: Mapping[str, Any]) -> bool:
    """Whether a test of the manifest holds companies back; one whose YAML says ``warn`` does not.

    The severity of the others is the project's, which a run sets.
    """
    return str(test.get("unrendered_config", {}).get("severity", "")).lower() != "warn"


def verdict_on(
    connection: duckdb.DuckDBPyConnection, query: str, test: str, registered: Collection[str]
) -> Verdict:
    """What the rows that failed a test mean; one error per company, None for all of them.

    Rows without a company concern all. A company that is not registered has nothing to publish:
    its rows only warn.
    """
    failures = f"from ({query}\n) as failures"
    columns = connection.execute(f"describe select * {failures}").fetchall()
    own = "company_id" if "company_id" in {name for name, *_ in columns} else "null"
    found = connection.execute(
        f"select cast({own} as varchar), count(*), min(failures) {failures} group by 1 order by 1"
    ).fetchall()
    errors: list[tuple[str | None, str]] = []
    warnings = []
    for company_id, rows, example in found:
        is_of_all = company_id in (None, "*")
        text = (
            f"{'all companies' if is_of_all else company_id}: {rows:,} rows fail {test}, such as"
            f" {_named(example)}"
        )
        if is_of_all or company_id in registered:
            errors.append((None if is_of_all else company_id, text))
        else:
            warnings.append(text)
    return Verdict(
        errors=tuple(text for _, text in errors),
        warnings=tuple(warnings),
        companies=tuple(company_id for company_id, _ in errors),
    )


def verdicts_on_failed(
    settings: Settings,
    run_results: Mapping[str, Any],
    failed: Mapping[str, str],
    registered: Collection[str],
) -> dict[str, Verdict]:
    """The verdict on each failed test: ``failed`` has its name by its dbt id."""
    queries = {
        result["unique_id"]: result["compiled_code"]
        for result in run_results["results"]
        if result["unique_id"] in failed
    }
    if not queries:
        return {}
    with warehouse_connection(settings) as connection:
        return {
            unique_id: verdict_on(connection, query, failed[unique_id], registered)
            for unique_id, query in queries.items()
        }


def judged(event: dg.AssetCheckResult, verdict: Verdict) -> dg.AssetCheckResult:
    """The result of a failed test with what its rows say; an error only where it is of all."""
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


def _named(row: Mapping[str, Any]) -> str:
    """A row in a few words: its first columns, without those that are empty."""
    values = {name: value for name, value in row.items() if value is not None}
    return ", ".join(f"{name} = {value}" for name, value in list(values.items())[:_SHOWN])
