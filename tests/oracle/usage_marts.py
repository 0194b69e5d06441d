"""Expected rows of the usage and health marts."""

from collections import defaultdict
from datetime import timedelta

from tests.oracle.calls.events import event_id_of
from tests.oracle.calls.known import lost_calls
from tests.oracle.company import Company
from tests.oracle.events import Event
from tests.oracle.inputs import ALL, BANDS, Row
from tests.oracle.pages import page_of
from tests.oracle.sessions import Session


def session_key(session: Session) -> tuple:
    """Names a session in a comparison: session ids themselves are free."""
    return session.first.app_id, min(event.event_id for event in session.events)


def events(company: Company) -> list[Row]:
    keys = {e: session_key(s) for s in company.sessions for e in s.events}
    return [
        {
            "app_id": event.app_id,
            "event_id": event.event_id,
            "external_org_id": event.external_org_id,
            "event": event.event,
            "user_hash": event.user_hash,
            "path": event.path,
            "session": keys[event],
            "client_session_id": event.client_session_id,
            "occurred_at": event.occurred_at,
            "received_at": event.received_at,
            "occurred_on": event.occurred_on,
            "environment": event.environment,
            "plan": event.plan,
            "group_id": event.group_id or event.external_org_id,
            "account_source": event.account_source,
            "sent_event": event.sent_event,
            "vendor": event.vendor,
        }
        for event in company.events
    ]


def event_id_conflicts(company: Company) -> list[Row]:
    return [
        {"app_id": lost.app_id, "event_id": lost.event_id, "content": lost.content}
        for lost in company.lost_contents
    ] + [
        {
            "app_id": lost.app_id,
            "event_id": event_id_of(lost),
            "content": lost.row["content_hash"],
        }
        for lost in lost_calls(company.inputs)
    ]


def sessions(company: Company) -> list[Row]:
    rows = []
    for session in company.sessions:
        first, with_path = session.first, session.events_with_path
        rows.append(
            {
                "session": session_key(session),
                "app_id": first.app_id,
                "external_org_id": first.external_org_id,
                "environment": first.environment,
                "user_hash": first.user_hash,
                "users": len({event.user_hash for event in session.events}),
                "is_inferred": first.client_session_id is None,
                "is_overlong": session.is_overlong,
                "client_session_id": first.client_session_id,
                "started_at": session.started_at,
                "ended_at": session.ended_at,
                "duration_seconds": session.duration // timedelta(seconds=1),
                "events": len(session.events),
                "page_views": sum(event.is_page_view for event in session.events),
                "distinct_paths": len({event.path for event in with_path}),
                "entry_path": with_path[0].path if with_path else None,
                "exit_path": with_path[-1].path if with_path else None,
            }
        )
    return rows


def organization_metrics_daily(company: Company) -> list[Row]:
    rows = []
    for (scope, org, day), metrics in company.metrics.items():
        measures = dict(vars(metrics))
        del measures["active_users_30d_earlier"]
        rows.append({"app_id": scope, "external_org_id": org, "date_day": day, **measures})
    return rows


def organization_health_daily(company: Company) -> list[Row]:
    return [
        {
            "app_id": scope,
            "external_org_id": org,
            "date_day": day,
            "health_score": health.score,
            "health_band": health.band,
            "main_driver": health.main_driver,
        }
        for (scope, org, day), health in company.health.items()
    ]


def organization_health_components(company: Company) -> list[Row]:
    return [
        {
            "app_id": scope,
            "external_org_id": org,
            "component": component.component,
            "measure": component.measure,
            "component_score": component.component_score,
            "weight": component.weight,
            "contribution": component.contribution,
            "points_lost": component.points_lost,
        }
        for (scope, org, day), health in company.health.items()
        if day == company.as_of
        for component in health.components
    ]


def health_distribution(company: Company) -> list[Row]:
    counts: dict[tuple, int] = defaultdict(int)
    for (scope, _, day), health in company.health.items():
        for band in BANDS:
            counts[scope, day, band] += health.band == band
    return [
        {"app_id": scope, "date_day": day, "health_band": band, "organizations": count}
        for (scope, day, band), count in counts.items()
    ]


def page_metrics_30d(company: Company) -> list[Row]:
    """The days of the last 30 as one: sessions, users and organizations are distinct over them."""
    first_day = company.as_of - timedelta(days=29)
    visits: dict[tuple, list[tuple[Session, Event]]] = defaultdict(list)
    ends: dict[tuple, int] = defaultdict(int)
    for session in company.sessions:
        paths = session.events_with_path
        for number, event in enumerate(paths):
            if event.occurred_on < first_day:
                continue
            page = page_of(company.inputs, event.app_id, event.path)
            for scope in (event.app_id, ALL):
                visits[scope, page].append((session, event))
                ends["entries", scope, page] += number == 0
                ends["exits", scope, page] += number == len(paths) - 1
    return [
        {
            "app_id": scope,
            "path": page,
            "page_views": sum(event.is_page_view for _, event in visited),
            "sessions": len({session_key(session) for session, _ in visited}),
            "active_users": company.usage.active_users(scope, [e for _, e in visited]),
            "organizations": len({event.external_org_id for _, event in visited}),
            "entries": ends["entries", scope, page],
            "exits": ends["exits", scope, page],
        }
        for (scope, page), visited in visits.items()
    ]


def page_metrics_daily(company: Company) -> list[Row]:
    """A row where an event is on the page; entries and exits are days of those very events."""
    uses: dict[tuple, list[tuple[Session, Event]]] = defaultdict(list)
    entries: dict[tuple, int] = defaultdict(int)
    exits: dict[tuple, int] = defaultdict(int)
    pages = {
        kind: page_of(company.inputs, *kind)
        for kind in {(event.app_id, event.path) for event in company.events if event.path}
    }

    def page_day(event: Event) -> tuple:
        return event.app_id, pages[event.app_id, event.path], event.occurred_on

    for session in company.sessions:
        for event in session.events_with_path:
            uses[page_day(event)].append((session, event))
        if session.events_with_path:
            entries[page_day(session.events_with_path[0])] += 1
            exits[page_day(session.events_with_path[-1])] += 1
    return [
        {
            "app_id": app_id,
            "path": page,
            "date_day": day,
            "page_views": sum(event.is_page_view for _, event in used),
            "sessions": len({session_key(session) for session, _ in used}),
            "active_users": company.usage.active_users(app_id, [e for _, e in used]),
            "organizations": len({event.external_org_id for _, event in used}),
            "entries": entries[app_id, page, day],
            "exits": exits[app_id, page, day],
        }
        for (app_id, page, day), used in uses.items()
    ]
