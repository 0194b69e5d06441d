"""Expected rows of the marts that say how far the data can be trusted."""

import re
from collections import defaultdict
from datetime import timedelta

from tests.oracle.company import Company
from tests.oracle.days import month_of, months_between
from tests.oracle.events import Event
from tests.oracle.exact import ratio
from tests.oracle.inputs import Row
from tests.oracle.usage_marts import session_key

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def plan_usage(company: Company) -> list[Row]:
    """Production events of every month from the first event's (else D's) to D's."""
    inputs = company.inputs
    plan = inputs.company["plan"] or None
    limits = next((row for row in inputs.seeds["plans"] if row["plan"] == plan), {})
    events_limit, applications_limit = (
        int(limits[name]) if limits.get(name) else None
        for name in ("events_limit", "applications_limit")
    )
    first_day = min((event.occurred_on for event in company.events), default=company.as_of)
    rows = []
    for month in months_between(first_day, company.as_of):
        events = sum(month_of(event.occurred_on) == month for event in company.events)
        rows.append(
            {
                "month": month,
                "plan": plan,
                "events": events,
                "events_limit": events_limit,
                "events_share": None if events_limit is None else ratio(events, events_limit),
                "is_over_limit": events_limit is not None and events > events_limit,
                "applications": len(inputs.applications),
                "applications_limit": applications_limit,
            }
        )
    return rows


def late_events(company: Company) -> list[Row]:
    """Events by how long after they occurred they were received; late is after 24 hours."""
    sessions = {e: session_key(s) for s in company.sessions for e in s.events}
    days: dict[tuple, list[Event]] = defaultdict(list)
    for event in company.events:
        days[event.app_id, event.occurred_on].append(event)
    rows = []
    for (app_id, day), events in days.items():
        delays = {event: event.received_at - event.occurred_at for event in events}
        late = [event for event in events if delays[event] > DAY]
        rows.append(
            {
                "app_id": app_id,
                "date_day": day,
                "events": len(events),
                "events_within_hour": sum(delay <= HOUR for delay in delays.values()),
                "events_within_day": sum(HOUR < delay <= DAY for delay in delays.values()),
                "events_within_week": sum(DAY < delay <= WEEK for delay in delays.values()),
                "events_later": sum(delay > WEEK for delay in delays.values()),
                "late_events": len(late),
                "late_share": ratio(len(late), len(events)),
                "sessions_changed": len({sessions[event] for event in late}),
                "max_delay_seconds": max(delays.values()) // timedelta(seconds=1),
            }
        )
    return rows


def organization_id_mismatches(company: Company) -> list[Row]:
    """Ids of events beside imported ids that differ only in case, spaces or ``-``/``_``/``.``."""
    seen: dict[str, list[Event]] = defaultdict(list)
    for event in company.events:
        seen[event.external_org_id].append(event)
    return [
        {
            "event_org_id": sent,
            "imported_org_id": imported,
            "display_name": name,
            "events": len(events),
            "last_seen_at": max(event.occurred_at for event in events),
            "mrr": company.revenue.mrr(imported, company.as_of),
            "is_event_id_imported": sent in company.imported_names,
            "as_of_date": company.as_of,
        }
        for sent, events in seen.items()
        for imported, name in company.imported_names.items()
        if sent != imported and _loose(sent) and _loose(sent) == _loose(imported)
    ]


def _loose(org: str) -> str:
    if re.fullmatch(r"[0-9]+\.0+", org):
        return org.split(".")[0]
    return "".join(character for character in org.lower() if character not in " -_.")
