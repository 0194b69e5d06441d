"""What a withdrawal comes to: figures for the report, and the days to compute again."""

from decimal import Decimal
from typing import Any

import duckdb

from ingestion.raw.warehouse import RAW
from ingestion.sql import literal, only_row
from ingestion.withdrawal.after import AGAIN
from ingestion.withdrawal.plan import PATH_COLUMNS, Plan
from ingestion.withdrawal.report import CompanyEffect, WithdrawnFile
from ingestion.withdrawal.target import RAW_BEFORE

_DAY = "cast(coalesce(make_timestamp(ts_epoch * 1000000), received_at) as date)"
_EVENTS = f"""
    select company_id, count(*) as events,
        count(*) filter ((company_id, app_id, event_id, content_hash) in (
            select (company_id, app_id, event_id, content_hash) from {AGAIN}.events
        )) as returning_events,
        count(distinct customer_org_id) as organizations_with_events,
        min({_DAY}) as first_day, max({_DAY}) as last_day
    from {RAW_BEFORE}.events where {{condition}} group by company_id"""
_COUNTS = f"select company_id, count(*) from {RAW_BEFORE}.{{table}} where {{condition}} group by 1"
_FILES = f"""
    select company_id, kind, path, load_id, rows_accepted, rows_rejected
    from {RAW_BEFORE}.loaded_files where {{condition}} order by load_id, path"""
_MRR = """
    with newest as (
        select * from {raw}.subscription_versions where company_id = {company_id}
        qualify row_number() over (partition by subscription_id order by version_number desc) = 1
    )
    select currency, sum(mrr) from newest
    where status = 'active' and {day} between start_at and coalesce(end_at, {day})
    group by currency order by currency"""
_FIGURES = {
    "event_receipts": "receipts",
    "calls": "calls",
    "organization_versions": "organization_versions",
    "subscription_versions": "subscription_versions",
    "dismissal_versions": "dismissal_versions",
    "rejected_rows": "rejected_rows",
}


def withdrawn_files(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[WithdrawnFile]:
    """The loads of files that are taken back."""
    rows = connection.execute(_FILES.format(condition=plan.target.condition())).fetchall()
    return [WithdrawnFile(*row) for row in rows]


def rejected_files(connection: duckdb.DuckDBPyConnection, plan: Plan) -> int:
    """How many refusals of files are taken back."""
    query = f"select count(*) from {RAW_BEFORE}.rejected_files where {plan.target.condition()}"
    return int(only_row(connection.execute(query))[0])


def company_effects(
    connection: duckdb.DuckDBPyConnection, plan: Plan, day: str
) -> list[CompanyEffect]:
    """The effect on each company; ``day`` (ISO) is the one whose MRR is compared."""
    facts: dict[str, dict[str, Any]] = {company_id: {} for company_id in plan.companies}
    found = connection.execute(_EVENTS.format(condition=plan.target.condition("source_path")))
    names = [column[0] for column in found.description]
    for row in found.fetchall():
        facts.setdefault(row[0], {}).update(dict(zip(names[1:], row[1:], strict=True)))
    for table, figure in _FIGURES.items():
        condition = plan.target.condition(PATH_COLUMNS[table])
        query = _COUNTS.format(table=table, condition=condition)
        for company_id, count in connection.execute(query).fetchall():
            facts.setdefault(company_id, {})[figure] = count
    for company_id in facts:
        if (company_id, "subscriptions") in plan.redone:
            for figure, raw in (("mrr_before", RAW_BEFORE), ("mrr_after", RAW)):
                facts[company_id][figure] = _mrr(connection, raw, company_id, day)
    return [CompanyEffect(company_id, **facts[company_id]) for company_id in sorted(facts)]


def _mrr(
    connection: duckdb.DuckDBPyConnection, raw: str, company_id: str, day: str
) -> dict[str, Decimal]:
    query = _MRR.format(raw=raw, company_id=literal(company_id), day=f"date {literal(day)}")
    return dict(connection.execute(query).fetchall())
