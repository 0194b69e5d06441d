"""Expected rows of the mart of planned and unplanned events."""

from collections import Counter, defaultdict

from tests.oracle.exact import ratio
from tests.oracle.inputs import Row
from tests.oracle.tracking.planned import SentEvent
from tests.oracle.tracking.telemetry import Telemetry

MOST_SPELLINGS = 10


def tracking_plan_events(telemetry: Telemetry) -> list[Row]:
    """What was sent, and required events that never were, by application."""
    sent: dict[tuple[str, str], list[SentEvent]] = defaultdict(list)
    recent: Counter[str] = Counter()
    for event in telemetry.sent:
        sent[event.app_id, event.name].append(event)
        recent[event.app_id] += telemetry.is_in_last(30, event.when.date())
    for app_id, name in never_seen(telemetry):
        sent[app_id, name] = []
    return [
        {
            "app_id": app_id,
            "event": name,
            **_planned(telemetry, app_id, name, found),
            **_counted(telemetry, found, recent[app_id]),
            "as_of_date": telemetry.as_of,
        }
        for (app_id, name), found in sent.items()
    ]


def never_seen(telemetry: Telemetry) -> list[tuple[str, str]]:
    """Required events, by application, that no call and no flat event is."""
    seen = {(event.app_id, event.name) for event in telemetry.sent if event.planned}
    return [
        (app_id, name)
        for app_id in telemetry.inputs.applications
        for name, row in telemetry.plan.events(app_id).items()
        if row["requirement"] == "required" and (app_id, name) not in seen
    ]


def _planned(telemetry: Telemetry, app_id: str, name: str, found: list[SentEvent]) -> Row:
    nothing = {"category": None, "group_level": None, "requirement": None}
    planned = found[0].planned if found else telemetry.plan.events(app_id)[name]
    if planned is not None:
        status = "planned" if found else "never_seen"
        return {"status": status, **{name: planned[name] or None for name in nothing}}
    if any(event.is_page for event in found):
        return {"status": "planned", **nothing, "category": "page"}
    return {"status": "automatic" if found[0].is_automatic else "unplanned", **nothing}


def _counted(telemetry: Telemetry, found: list[SentEvent], calls_of_application: int) -> Row:
    times = [event.when for event in found]
    recent = sum(telemetry.is_in_last(30, when.date()) for when in times)
    spellings = {event.sent_name for event in found if event.sent_name is not None}
    return {
        "calls": len(found),
        "events": sum(event.event is not None for event in found),
        "unattributed": sum(e.is_unattributed and not e.is_automatic for e in found),
        "calls_30d": recent,
        "share_30d": ratio(recent, calls_of_application),
        "sent_as": ",".join(sorted(spellings)[:MOST_SPELLINGS]) or None,
        "first_seen_at": min(times, default=None),
        "last_seen_at": max(times, default=None),
    }
