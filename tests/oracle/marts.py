"""Expected rows of the organization, revenue and signal marts; all but those of tracking."""

from collections.abc import Callable

from tests.oracle import (
    feature_marts,
    health_changes,
    quality,
    scorecard,
    signal_marts,
    usage_marts,
)
from tests.oracle import revenue as revenue_rows
from tests.oracle.company import Company
from tests.oracle.inputs import ALL, Row
from tests.oracle.restatements import restatement_details, restatements


def organizations(company: Company) -> list[Row]:
    revenue, day = company.revenue, company.as_of
    segment_of = revenue_rows.segments(revenue, company.health_on_d)
    rows = []
    for org in company.organizations:
        metrics, health = company.metrics_on_d[org], company.health_on_d[org]
        times = [e.occurred_at for e in company.events if e.external_org_id == org]
        recency = "active" if metrics.events_30d else "inactive" if times else "never_active"
        mrr = revenue.mrr(org, day)
        rows.append(
            {
                "external_org_id": org,
                "display_name": company.display_names.get(org, org),
                "is_imported": org in company.first_imports,
                "has_events": bool(times),
                "first_seen_at": min(times, default=None),
                "last_seen_at": metrics.last_seen_at,
                "plan": newest_plan(company, org),
                "days_since_last_seen": metrics.days_since_last_seen,
                "activity_state": recency,
                "events_30d": metrics.events_30d,
                "events_previous_30d": metrics.events_previous_30d,
                "active_users_30d": metrics.active_users_30d,
                "sessions_30d": metrics.sessions_30d,
                "features_used_30d": metrics.features_used_30d,
                "health_score": health.score,
                "health_band": health.band,
                "mrr": mrr,
                "is_paying": mrr > 0,
                "active_subscriptions": sum(
                    s.external_org_id == org for s in revenue.counting(day)
                ),
                "revenue_segment": segment_of.get(org, "not_paying"),
                "signal_types": ",".join(s.signal_type for s in company.active_signals(ALL, org)),
                "priority": company.priority(org),
                "case_type": company.case_type(org),
                "as_of_date": day,
            }
        )
    return rows


def newest_plan(company: Company, org: str) -> str | None:
    """Of the events of the newest moment with a plan, the first plan by text."""
    named = [e for e in company.events if e.external_org_id == org and e.plan is not None]
    newest = max((e.occurred_at for e in named), default=None)
    return min((e.plan for e in named if e.occurred_at == newest), default=None)


def subscriptions(company: Company) -> list[Row]:
    day = company.as_of
    return [
        {
            "external_org_id": s.external_org_id,
            "display_name": company.display_names[s.external_org_id],
            "product_code": s.product_code,
            "mrr_original": s.mrr_original,
            "currency": s.currency,
            "mrr": company.revenue.amount_on(s, day),
            "start_at": s.start_at,
            "end_at": s.end_at,
            "status": s.status_on(day),
            "source_system": s.source_system,
            "source_subscription_id": s.source_subscription_id,
            "is_active": s.counts_on(day),
            "is_void": s.is_void,
            "first_imported_at": s.first_imported_at,
            "last_changed_at": s.last_changed_at,
        }
        for s in company.revenue.subscriptions
    ]


def mrr_monthly(company: Company) -> list[Row]:
    return [
        {"external_org_id": org, "month": month, "mrr": mrr, "is_paying": True}
        for month in company.revenue.months()
        for org, mrr in company.revenue.month_value(month).items()
    ]


def top_revenue_organizations(company: Company) -> list[Row]:
    rows_by_org = {row["external_org_id"]: row for row in organizations(company)}
    columns = ["display_name", "health_score", "health_band", "last_seen_at", "signal_types"]
    return [
        {**row, **{column: rows_by_org[row["external_org_id"]][column] for column in columns}}
        for row in revenue_rows.top_organizations(company.revenue)
    ]


def revenue_kpis(company: Company) -> list[Row]:
    values = revenue_rows.kpis(company.revenue, company.health_on_d)
    return [{"as_of_date": company.as_of, **values}]


def signal_scans(company: Company) -> list[Row]:
    return [
        {
            "app_id": held.scope,
            "external_org_id": held.external_org_id,
            "signal_type": held.signal_type,
            "date_day": held.day,
            "is_condition_met": held.is_condition_met,
            "usage_ratio": held.usage_ratio,
            "severity": held.severity,
            "priority": held.priority,
            "mrr": held.mrr,
            "health_score": held.health_score,
            "events_30d": held.events_30d,
            "events_previous_30d": held.events_previous_30d,
            "days_since_last_seen": held.days_since_last_seen,
        }
        for held in company.held
    ]


def signal_episodes(company: Company) -> list[Row]:
    return [
        {
            "app_id": episode.first.scope,
            "external_org_id": episode.first.external_org_id,
            "signal_type": episode.first.signal_type,
            "opened_on": episode.first.day,
            "last_held_on": episode.last.day,
            "closed_on": episode.closed_on,
            "days_held": len(episode.days),
            "status": episode.status,
            "dismissed_at": episode.dismissal and episode.dismissal.dismissed_at,
            "dismissed_by": episode.dismissal and episode.dismissal.dismissed_by,
            "reason": episode.dismissal and episode.dismissal.reason,
            "peak_severity": max(held.severity for held in episode.days),
            "mrr_at_open": episode.first.mrr,
        }
        for episode in company.episodes
    ]


def signals(company: Company) -> list[Row]:
    return [
        {
            "app_id": episode.last.scope,
            "external_org_id": episode.last.external_org_id,
            "signal_type": episode.last.signal_type,
            "priority": episode.last.priority,
            "severity": episode.last.severity,
            "opened_on": episode.first.day,
            "days_open": len(episode.days),
            "mrr": episode.last.mrr,
            "health_score": episode.last.health_score,
            "last_seen_at": episode.last.last_seen_at,
            "is_condition_met": episode.last.is_condition_met,
            "usage_ratio": episode.last.usage_ratio,
        }
        for episode in company.episodes
        if episode.status == "active"
    ]


def signals_by_organization(company: Company) -> list[Row]:
    columns = [
        "external_org_id",
        "display_name",
        "signal_types",
        "case_type",
        "priority",
        "mrr",
        "health_score",
        "health_band",
        "last_seen_at",
    ]
    return [
        {column: row[column] for column in columns}
        for row in organizations(company)
        if row["signal_types"]
    ]


MARTS: dict[str, Callable[[Company], list[Row]]] = {
    "events": usage_marts.events,
    "sessions": usage_marts.sessions,
    "event_id_conflicts": usage_marts.event_id_conflicts,
    "organization_metrics_daily": usage_marts.organization_metrics_daily,
    "feature_usage_daily": feature_marts.feature_usage_daily,
    "feature_adoption": feature_marts.feature_adoption,
    "organization_features": feature_marts.organization_features,
    "page_metrics_daily": usage_marts.page_metrics_daily,
    "page_metrics_30d": usage_marts.page_metrics_30d,
    "organization_health_daily": usage_marts.organization_health_daily,
    "organization_health_components": usage_marts.organization_health_components,
    "organization_health_changes": health_changes.organization_health_changes,
    "organization_health_change_components": health_changes.organization_health_change_components,
    "health_distribution": usage_marts.health_distribution,
    "organizations": organizations,
    "subscriptions": subscriptions,
    "revenue_kpis": revenue_kpis,
    "mrr_monthly": mrr_monthly,
    "mrr_trend": lambda company: revenue_rows.trend(company.revenue),
    "mrr_movements": lambda company: company.movements.rows(),
    "mrr_movement_details": lambda company: company.movements.details(),
    "mrr_movements_monthly": lambda company: [
        company.movements.monthly(month) for month in company.movements.months
    ],
    "revenue_retention": lambda company: [
        company.movements.retention(month) for month in company.movements.months
    ],
    "revenue_cohorts": lambda company: company.movements.cohorts(),
    "mrr_restatements": lambda company: restatements(company.inputs),
    "mrr_restatement_details": lambda company: restatement_details(company.inputs),
    "revenue_by_health": lambda c: revenue_rows.by_health(c.revenue, c.health_on_d),
    "revenue_by_health_monthly": lambda c: revenue_rows.by_health_monthly(c.revenue, c.health),
    "revenue_health_matrix": lambda c: revenue_rows.matrix(c.revenue, c.health_on_d),
    "revenue_by_product": lambda company: revenue_rows.by_product(company.revenue),
    "revenue_concentration": lambda c: [revenue_rows.concentration(c.revenue)],
    "top_revenue_organizations": top_revenue_organizations,
    "revenue_changes": lambda company: revenue_rows.changes(company.revenue),
    "revenue_change_details": lambda company: revenue_rows.change_details(company.revenue),
    "signal_scans": signal_scans,
    "signal_episodes": signal_episodes,
    "fleet_usage": signal_marts.fleet_usage,
    "signals": signals,
    "signals_by_organization": signals_by_organization,
    "plan_usage": quality.plan_usage,
    "late_events": quality.late_events,
    "organization_id_mismatches": quality.organization_id_mismatches,
    "signal_summary": signal_marts.signal_summary,
    "signal_summary_by_type": signal_marts.signal_summary_by_type,
    "signal_changes": signal_marts.signal_changes,
    "signal_backtest": signal_marts.signal_backtest,
    "health_outcomes": scorecard.health_outcomes,
    "health_scorecard": scorecard.health_scorecard,
    "score_rankings": scorecard.score_rankings,
}
