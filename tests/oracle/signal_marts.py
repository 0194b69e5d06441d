"""Expected rows of the marts that sum up signals, tell their changes and test them on history."""

from datetime import timedelta

from tests.oracle.backtest import Backtest, ConstantRateMrr
from tests.oracle.company import Company
from tests.oracle.episodes import Episode
from tests.oracle.exact import ZERO_MONEY
from tests.oracle.inputs import ALL, Row
from tests.oracle.signals import RISKS, fleet_ratio


def fleet_usage(company: Company) -> list[Row]:
    return [
        {
            "app_id": scope,
            "date_day": day,
            "organizations": organizations,
            "median_usage_ratio": median_ratio,
            "fleet_ratio": fleet_ratio(median_ratio),
        }
        for (scope, day), (organizations, median_ratio) in company.fleet.items()
    ]


def signal_summary_by_type(company: Company) -> list[Row]:
    rows = []
    for row in company.inputs.seeds["signal_types"]:
        held = [
            episode.last
            for episode in company.episodes
            if episode.status == "active"
            and (episode.first.scope, episode.first.signal_type) == (ALL, row["signal_type"])
        ]
        rows.append(
            {
                "signal_type": row["signal_type"],
                "organizations": len(held),
                "mrr": sum((day.mrr for day in held), ZERO_MONEY),
                "as_of_date": company.as_of,
            }
        )
    return rows


def signal_summary(company: Company) -> list[Row]:
    active = {org: company.active_signals(ALL, org) for org in company.organizations}
    at_risk = [
        signals[0].mrr
        for signals in active.values()
        if {signal.signal_type for signal in signals} & set(RISKS)
    ]
    by_type = {row["signal_type"]: row for row in signal_summary_by_type(company)}
    types = (*RISKS, "expansion_candidate")
    return [
        {
            "organizations": sum(bool(signals) for signals in active.values()),
            "risk_mrr": sum(at_risk, ZERO_MONEY),
            **{f"{name}_orgs": by_type[name]["organizations"] for name in types},
            **{f"{name}_mrr": by_type[name]["mrr"] for name in types},
            "as_of_date": company.as_of,
        }
    ]


def signal_changes(company: Company) -> list[Row]:
    mrr = ConstantRateMrr(company.revenue)
    return [row for episode in company.episodes for row in _changes_of(episode, company, mrr)]


def _changes_of(episode: Episode, company: Company, mrr: ConstantRateMrr) -> list[Row]:
    first, dismissal = episode.first, episode.dismissal
    is_active = episode.status == "active"
    days = {
        "opened": first.day,
        "dismissed": dismissal and dismissal.dismissed_at,
        "closed": episode.closed_on,
    }
    return [
        {
            "app_id": first.scope,
            "external_org_id": first.external_org_id,
            "signal_type": first.signal_type,
            "opened_on": first.day,
            "change": change,
            "changed_on": day,
            "display_name": company.display_names.get(first.external_org_id, first.external_org_id),
            "status": episode.status,
            "days_held": len(episode.days),
            "dismissed_by": dismissal and dismissal.dismissed_by,
            "reason": dismissal and dismissal.reason,
            "mrr": mrr.on(first.external_org_id, day),
            "is_paying": mrr.on(first.external_org_id, day) > 0,
            "priority": episode.last.priority if is_active else None,
            "is_since_previous_day": day == company.as_of,
            "is_since_previous_week": day > company.as_of - timedelta(days=7),
            "as_of_date": company.as_of,
        }
        for change, day in days.items()
        if day is not None
    ]


def signal_backtest(company: Company) -> list[Row]:
    return Backtest(
        company.revenue,
        company.episodes,
        company.first_scanned_day,
        company.inputs.seeds["signal_types"],
    ).rows()
