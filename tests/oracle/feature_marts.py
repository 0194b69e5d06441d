"""Expected rows of the feature marts."""

from collections import defaultdict
from datetime import timedelta

from tests.oracle.company import Company
from tests.oracle.events import Event
from tests.oracle.exact import ratio
from tests.oracle.features import defined_features
from tests.oracle.inputs import ALL, Row
from tests.oracle.windows import WINDOW


def feature_uses(company: Company) -> dict[tuple[str, str, str], list[Event]]:
    """Events by (application, organization, feature), in order of time."""
    uses: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
    for event in sorted(company.events, key=lambda event: event.occurred_at):
        for key in company.usage.features_of[event]:
            uses[event.app_id, event.external_org_id, key].append(event)
    return uses


def feature_usage_daily(company: Company) -> list[Row]:
    rows = []
    for (app_id, org, key), uses in feature_uses(company).items():
        for day in sorted({event.occurred_on for event in uses}):
            today = [event for event in uses if event.occurred_on == day]
            rows.append(
                {
                    "app_id": app_id,
                    "feature_key": key,
                    "external_org_id": org,
                    "date_day": day,
                    "events": len(today),
                    "active_users": company.usage.active_users(app_id, today),
                }
            )
    return rows


def organization_features(company: Company) -> list[Row]:
    start = company.as_of - timedelta(days=WINDOW)
    rows = []
    for (app_id, org, key), uses in feature_uses(company).items():
        recent = sum(event.occurred_on > start for event in uses)
        rows.append(
            {
                "app_id": app_id,
                "external_org_id": org,
                "feature_key": key,
                "first_used_at": uses[0].occurred_at,
                "last_used_at": uses[-1].occurred_at,
                "events_30d": recent,
                "is_adopted": recent > 0,
            }
        )
    return rows


def feature_adoption(company: Company) -> list[Row]:
    rows = []
    for scope in [ALL, *company.inputs.applications]:
        for key in defined_features(company.inputs, scope):
            uses = [
                event
                for event in company.events
                if scope in (ALL, event.app_id) and key in company.usage.features_of[event]
            ]
            row: Row = {"app_id": scope, "feature_key": key}
            for suffix, last in (("30d", 0), ("previous_30d", WINDOW)):
                row |= _adoption(company, scope, uses, suffix, last)
            row["first_used_at"] = min((e.occurred_at for e in uses), default=None)
            rows.append(row)
    return rows


def _adoption(company: Company, scope: str, uses: list[Event], suffix: str, days_back: int) -> Row:
    last = company.as_of - timedelta(days=days_back)
    recent = [e for e in uses if last - timedelta(days=WINDOW) < e.occurred_on <= last]
    users = {event.external_org_id for event in recent}
    active = {
        org
        for events_scope, org in company.usage.events
        if events_scope == scope and company.usage.events_in(scope, org, last, WINDOW)
    }
    rate_name = "adoption_rate" if suffix == "30d" else f"adoption_rate_{suffix}"
    return {
        f"organizations_used_{suffix}": len(users),
        f"active_organizations_{suffix}": len(active),
        rate_name: ratio(len(users), len(active)),
        f"events_{suffix}": len(recent),
    }
