"""Expected rows of the marts of groups: what they are on D, and their use day by day."""

from collections import defaultdict

from tests.oracle.calls.groups import ACCOUNT
from tests.oracle.calls.traits_at import trait_text
from tests.oracle.events import Event
from tests.oracle.inputs import ALL, Row
from tests.oracle.sessions import Session
from tests.oracle.tracking.named import name_of, named_groups
from tests.oracle.tracking.planned import moment_of
from tests.oracle.tracking.telemetry import Telemetry


def groups(telemetry: Telemetry) -> list[Row]:
    named = named_groups(telemetry)
    sessions = _sessions(telemetry)
    return [
        {
            "group_id": group,
            **_place(telemetry, group),
            **_use(telemetry, group, sessions.get(group, [])),
            **_names(telemetry, group),
            **_money(telemetry, group, named),
            **_traits(telemetry, group),
            "issues": ",".join(sorted(issues_of(telemetry, group))),
            "as_of_date": telemetry.as_of,
        }
        for group in named
    ]


def _place(telemetry: Telemetry, group: str) -> Row:
    found, end = telemetry.groups, telemetry.end
    kind, chain = found.type_at(group, end), found.chain_at(group, end)
    children = {g for g in found.defined if found.chain_at(g, end)[1:2] == [group]}
    return {
        "group_type": kind,
        "level": telemetry.types.levels.get(kind) or None,
        "name": name_of(telemetry, group),
        "is_defined": group in found.defined,
        "is_account": kind == ACCOUNT,
        "parent_group_id": found.parent_at(group, end),
        "external_org_id": _account(telemetry, group),
        "top_group_id": chain[-1],
        "links": len(chain) - 1,
        "children": len(children),
    }


def _account(telemetry: Telemetry, group: str) -> str:
    """On D; where the chain has none that of the newest event of the group, else the top."""
    account = telemetry.groups.account_in_chain(group, telemetry.end)
    if account is not None:
        return account
    own = [e for e in telemetry.company.events if (e.group_id or e.external_org_id) == group]
    if own:
        return max(own, key=lambda event: event.order).external_org_id
    return telemetry.groups.chain_at(group, telemetry.end)[-1]


def _use(telemetry: Telemetry, group: str, sessions: list[Session]) -> Row:
    events = telemetry.events_of_groups.get(group, [])
    recent = [e for e in events if telemetry.is_in_last(30, e.occurred_on)]
    both = sum(telemetry.is_in_last(60, event.occurred_on) for event in events)
    return {
        "events_30d": len(recent),
        "events_previous_30d": both - len(recent),
        "active_users_30d": telemetry.company.usage.active_users(ALL, recent),
        "sessions_30d": sum(telemetry.is_in_last(30, s.started_at.date()) for s in sessions),
        "last_seen_at": max((event.occurred_at for event in events), default=None),
    }


def _sessions(telemetry: Telemetry) -> dict[str, list[Session]]:
    """Sessions with an event in a group."""
    found = defaultdict(list)
    for session in telemetry.company.sessions:
        for group in {g for e in session.events for g in telemetry.chains[e.app_id, e.event_id]}:
            found[group].append(session)
    return found


def _names(telemetry: Telemetry, group: str) -> Row:
    names = telemetry.accounts.names
    times = [
        call.occurred_at
        for call in telemetry.calls
        if call.is_usage and group in {named for _, named in names[call]}
    ]
    return {"named_calls": len(times), "last_named_at": max(times, default=None)}


def _money(telemetry: Telemetry, group: str, named: list[str]) -> Row:
    revenue, day = telemetry.company.revenue, telemetry.as_of
    below = [g for g in named if group in telemetry.groups.chain_at(g, telemetry.end)]
    nothing = revenue.total(day) * 0
    return {
        "mrr_own": revenue.mrr(group, day),
        "mrr": sum((revenue.mrr(g, day) for g in below), nothing),
    }


def _traits(telemetry: Telemetry, group: str) -> Row:
    traits = telemetry.groups.traits.values_of(group, telemetry.end)
    defined = [
        call.occurred_at
        for call in telemetry.calls
        if call.kind == "group" and group in {own for _, own in call.groups_sent}
    ]
    return {
        "status": trait_text(traits.get("status")),
        "created_at": moment_of(traits.get("created_at")),
        "first_defined_at": min(defined, default=None),
        "traits": traits or None,
    }


def issues_of(telemetry: Telemetry, group: str) -> set[str]:
    found, end = telemetry.groups, telemetry.end
    kind, parent = found.type_at(group, end), found.parent_at(group, end)
    account = found.account_in_chain(group, end)
    is_imported = group in telemetry.company.first_imports
    checks = {
        "circle": found.is_on_circle(group, end),
        "too_deep": found.is_too_deep(group, end),
        "imported_below_account": is_imported and account not in (None, group),
        "missing_parent": parent is not None and parent not in found.defined,
        "no_account_above": account is None and telemetry.types.is_below_account(kind),
        "several_types": len(found.named_types.get(group, ())) > 1,
        "undefined": group not in found.defined,
    }
    return {issue for issue, holds in checks.items() if holds}


def group_metrics_daily(telemetry: Telemetry) -> list[Row]:
    """Days with an event or a session of a group, by application and over all."""
    if not named_groups(telemetry):
        return []
    events: dict[tuple, list[Event]] = defaultdict(list)
    sessions: dict[tuple, int] = defaultdict(int)
    for group, found in telemetry.events_of_groups.items():
        for event in found:
            for scope in (event.app_id, ALL):
                events[scope, group, event.occurred_on].append(event)
    for group, found in _sessions(telemetry).items():
        for session in found:
            for scope in (session.first.app_id, ALL):
                sessions[scope, group, session.started_at.date()] += 1
    rows = []
    for key in events.keys() | sessions.keys():
        (scope, group, day), today = key, events.get(key, [])
        rows.append(
            {
                "app_id": scope,
                "group_id": group,
                "date_day": day,
                "events": len(today),
                "sessions": sessions.get(key, 0),
                "active_users": telemetry.company.usage.active_users(scope, today),
                "top_events": sum(_top(telemetry, event) == group for event in today),
            }
        )
    return rows


def _top(telemetry: Telemetry, event: Event) -> str:
    """The top of the chain of an event's account at its time."""
    return telemetry.groups.chain_at(event.external_org_id, event.occurred_at)[-1]
