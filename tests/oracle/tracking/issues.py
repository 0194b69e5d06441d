"""Expected rows of the mart of issues: of events by application, of entities over all."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from tests.oracle.calls.groups import ACCOUNT
from tests.oracle.exact import ratio
from tests.oracle.inputs import ALL, Row
from tests.oracle.tracking.event_issues import GROUP_ISSUES, issues_of_event, personal_names
from tests.oracle.tracking.named import named_groups
from tests.oracle.tracking.people import People
from tests.oracle.tracking.plan_marts import never_seen
from tests.oracle.tracking.planned import SentEvent, has_type
from tests.oracle.tracking.telemetry import Telemetry
from tests.oracle.tracking.trait_plan import USER, planned_traits

WITHOUT_TYPE = "group"


def tracking_plan_issues(telemetry: Telemetry, people: People) -> list[Row]:
    rows = _of_events(telemetry) + _of_absent_events(telemetry)
    if telemetry.sends_calls:
        rows += _of_entities(telemetry, people)
    return [{**row, "as_of_date": telemetry.as_of} for row in rows]


def _of_events(telemetry: Telemetry) -> list[Row]:
    personal = personal_names(telemetry.inputs)
    found: dict[tuple, list[SentEvent]] = defaultdict(list)
    checked: dict[tuple, int] = defaultdict(int)
    for sent in telemetry.sent:
        for issue, name in issues_of_event(telemetry, personal, sent):
            found[sent.app_id, sent.name, name, issue].append(sent)
        if telemetry.is_in_last(30, sent.when.date()):
            checked[sent.app_id, sent.name, "calls"] += not sent.is_flat
            checked[sent.app_id, sent.name, "all"] += 1
    rows = []
    for (app_id, event, name, issue), events in found.items():
        times = [sent.when for sent in events]
        recent = sum(telemetry.is_in_last(30, when.date()) for when in times)
        looked_at = checked[app_id, event, "calls" if issue in GROUP_ISSUES else "all"]
        rows.append(
            {
                "app_id": app_id,
                "subject": "event",
                "name": event,
                "property": name,
                "issue": issue,
                "occurrences": len(events),
                "occurrences_30d": recent,
                "checked_30d": looked_at,
                "share_30d": ratio(recent, looked_at),
                "first_seen_at": min(times),
                "last_seen_at": max(times),
                "example_id": min(events, key=_newest).event_id,
                "requirement": _requirement(telemetry, events[0], name),
            }
        )
    return rows


def _newest(sent: SentEvent) -> tuple:
    """The newest first, then the smaller id."""
    return datetime.max - sent.when, sent.event_id


def _requirement(telemetry: Telemetry, sent: SentEvent, name: str) -> str | None:
    """The planned property's where the issue is about one, else the event's."""
    row = telemetry.plan.properties(sent.app_id, sent.name).get(name)
    if row is not None:
        return "required" if row["is_required"].lower() == "true" else "optional"
    return sent.planned["requirement"] if sent.planned else None


def _of_absent_events(telemetry: Telemetry) -> list[Row]:
    return [
        {
            "app_id": app_id,
            "subject": "event",
            "name": event,
            "property": "",
            "issue": "never_seen",
            "occurrences": 0,
            "occurrences_30d": 0,
            "checked_30d": 0,
            "share_30d": None,
            "first_seen_at": None,
            "last_seen_at": None,
            "example_id": None,
            "requirement": "required",
        }
        for app_id, event in never_seen(telemetry)
    ]


class Entity(NamedTuple):
    """A user or a group that was active, with its traits and those that it has otherwise."""

    subject: str
    entity_id: str
    traits: dict
    is_there: set[str]


def _of_entities(telemetry: Telemetry, people: People) -> list[Row]:
    by_subject: dict[str, list[Entity]] = defaultdict(list)
    for entity in (*_active_users(people), *_active_groups(telemetry)):
        by_subject[entity.subject].append(entity)
    rows = []
    for subject, entities in by_subject.items():
        for trait, planned in planned_traits(telemetry.inputs, subject).items():
            if planned["requirement"] not in ("required", "recommended"):
                continue
            lacking = [e for e in entities if trait not in e.traits.keys() | e.is_there]
            wrong = [
                e
                for e in entities
                if trait in e.traits and not has_type(e.traits[trait], planned["type"])
            ]
            for issue, found in (("trait_missing", lacking), ("trait_wrong_type", wrong)):
                if found:
                    rows.append(_entity_row(subject, trait, planned, issue, found, entities))
    return rows


def _entity_row(
    subject: str, trait: str, planned: Row, issue: str, found: list[Entity], checked: list[Entity]
) -> Row:
    return {
        "app_id": ALL,
        "subject": subject,
        "name": trait,
        "property": "",
        "issue": issue,
        "occurrences": len(found),
        "occurrences_30d": len(found),
        "checked_30d": len(checked),
        "share_30d": ratio(len(found), len(checked)),
        "first_seen_at": None,
        "last_seen_at": None,
        "example_id": frozenset(entity.entity_id for entity in found),
        "requirement": planned["requirement"],
    }


def _active_users(people: People) -> list[Entity]:
    telemetry = people.telemetry
    return [
        Entity(
            USER,
            user,
            telemetry.user_traits.values_of(user, telemetry.end),
            people.present_traits(user),
        )
        for user, events in people.events.items()
        if people.events_30d(events)
    ]


def _active_groups(telemetry: Telemetry) -> list[Entity]:
    """By their type on D."""
    found = []
    known = {*named_groups(telemetry), *telemetry.company.organizations}
    for group in sorted(known):
        events = telemetry.events_of_groups.get(group, [])
        if any(telemetry.is_in_last(30, event.occurred_on) for event in events):
            kind = telemetry.groups.type_at(group, telemetry.end)
            traits = telemetry.groups.traits.values_of(group, telemetry.end)
            is_there = {"account_id"} if kind == ACCOUNT else set()
            found.append(Entity(kind or WITHOUT_TYPE, group, traits, is_there))
    return found
