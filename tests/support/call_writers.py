"""One call of a story in the shape of each vendor's export."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

Json = dict[str, Any]
USAGE = ("track", "page", "screen")
SEGMENT_FAMILY = ("segment", "rudderstack", "accoil")


@dataclass(frozen=True)
class StoryCall:
    """What happened, whoever tells it. Groups are pairs of type ('' = untyped) and id."""

    name: str
    kind: str
    moment: datetime
    user: str | None = None
    anonymous: str | None = None
    previous: str | None = None
    event: str | None = None
    groups: tuple[tuple[str, str], ...] = ()
    account_id: str | None = None
    set_traits: Json = field(default_factory=dict)
    set_once: Json = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    clears: bool = False
    properties: Json = field(default_factory=dict)
    path: str | None = None
    session: str | int | None = None
    environment: str | None = None
    delay: timedelta = timedelta(seconds=2)

    @property
    def received(self) -> datetime:
        return self.moment + self.delay

    @property
    def all_properties(self) -> Json:
        account = {} if self.account_id is None else {"account_id": self.account_id}
        return {**self.properties, **account}

    @property
    def is_untyped(self) -> bool:
        return any(not kind for kind, _ in self.groups)


def vendors_of(call: StoryCall) -> list[str]:
    """The vendors that can tell the call whole."""
    one_a_type = len({kind for kind, _ in call.groups}) == len(call.groups)
    has_profile = call.kind in ("identify", "group")
    can = {
        "segment": one_a_type and not call.set_once and not call.clears,
        "amplitude": not call.is_untyped
        and call.kind != "alias"
        and call.environment is None
        and not isinstance(call.session, str),
        "mixpanel": not call.is_untyped
        and call.kind != "screen"
        and call.environment is None
        and call.session is None
        and not (call.kind == "identify" and call.groups)
        and not (has_profile and call.anonymous),
        "posthog": not call.is_untyped
        and not call.clears
        and one_a_type
        and not isinstance(call.session, int)
        and call.user != call.anonymous
        and (has_profile or call.user is not None)
        and (call.kind != "group" or call.user is not None),
    }
    return [
        *(SEGMENT_FAMILY if can["segment"] else ()),
        *(vendor for vendor in ("amplitude", "mixpanel", "posthog") if can[vendor]),
    ]


def written_by(vendor: str, call: StoryCall) -> Json:
    return _WRITERS[vendor](call)


def _segment(call: StoryCall) -> Json:
    found: Json = {
        "type": call.kind,
        "messageId": call.name,
        "timestamp": call.moment.isoformat() + "Z",
        "receivedAt": call.received.isoformat() + "Z",
        "userId": call.user,
        "anonymousId": call.anonymous,
        "previousId": call.previous,
        "environment": call.environment,
        "context": {"sessionId": call.session, "library": {"name": "analytics.js"}},
    }
    traits = {**call.set_traits, **dict.fromkeys(call.unset)}
    typed = {kind: group for kind, group in call.groups if kind}
    untyped = next((group for kind, group in call.groups if not kind), None)
    if call.kind == "group":
        [(kind, found["groupId"])] = call.groups
        found["traits"] = {**traits, "groupType": kind} if kind else traits
    else:
        found["context"]["groupId"] = untyped
        if typed:
            found["integrations"] = {"All": True, "Amplitude": {"groups": typed}}
    if call.kind == "identify":
        found["traits"] = traits
    if call.kind in USAGE:
        found["event"] = call.event
        found["properties"] = dict(call.all_properties)
        if call.kind == "page":
            found["properties"]["path"] = call.path
        elif call.path is not None:
            found["context"]["page"] = {"url": f"https://app.example.com{call.path}?q=1#top"}
    return found


def _rudderstack(call: StoryCall) -> Json:
    found = _segment(call)
    found["originalTimestamp"] = found.pop("timestamp")
    found["sentAt"] = found["receivedAt"]
    if call.kind == "identify":
        found["context"]["traits"] = found.pop("traits")
    return found


def _accoil(call: StoryCall) -> Json:
    found = _segment(call)
    untyped = found["context"].pop("groupId", None)
    return found if untyped is None else {**found, "groupId": untyped}


def _amplitude(call: StoryCall) -> Json:
    found: Json = {
        "uuid": call.name,
        "event_type": {
            "identify": "$identify",
            "group": "$groupidentify",
            "page": "[Amplitude] Page Viewed",
            "screen": "[Amplitude] Screen Viewed",
        }.get(call.kind, call.event),
        "user_id": call.user,
        "device_id": call.anonymous,
        "event_time": call.moment.isoformat(sep=" ", timespec="microseconds"),
        "server_received_time": call.received.isoformat(sep=" ", timespec="microseconds"),
        "session_id": -1 if call.session is None else call.session,
        "groups": _listed(call.groups),
        "user_properties": {"plan": "the profile is repeated on every event"},
    }
    operations = {
        "$set": call.set_traits,
        "$setOnce": call.set_once,
        "$unset": dict.fromkeys(call.unset, "-"),
        "$clearAll": "-" if call.clears else None,
        "$add": {"logins": 1},
    }
    if call.kind in ("identify", "group"):
        name = "user_properties" if call.kind == "identify" else "group_properties"
        found[name] = {key: value for key, value in operations.items() if value}
    if call.kind in USAGE:
        found["event_properties"] = dict(call.all_properties)
        if call.kind != "track" and call.path is not None:
            found["event_properties"]["[Amplitude] Page Path"] = call.path
    return found


def _mixpanel(call: StoryCall) -> Json:
    seconds = call.moment.replace(tzinfo=UTC).timestamp()
    if call.kind in ("identify", "group"):
        found: Json = {"$token": "t", "$time": seconds, "$add": {"logins": 1}}
        if call.kind == "identify":
            found["$distinct_id"] = call.user
        else:
            [(found["$group_key"], found["$group_id"])] = call.groups
            found["distinct_id"] = call.user
        operations = {
            "$set": call.set_traits,
            "$set_once": call.set_once,
            "$unset": list(call.unset),
            "$delete": "null" if call.clears else None,
        }
        return {**found, **{key: value for key, value in operations.items() if value}}
    device = None if call.anonymous is None else f"$device:{call.anonymous}"
    inner: Json = {
        "time": seconds,
        "mp_processing_time_ms": int(call.received.replace(tzinfo=UTC).timestamp() * 1000),
        "$insert_id": call.name,
        "$device_id": call.anonymous,
        "$user_id": call.user,
        "distinct_id": device if call.user is None else call.user,
        "token": "t",
        "mp_lib": "web",
        "$browser": "Firefox",
    }
    if call.kind == "alias":
        alias = {"distinct_id": call.previous, "alias": call.user}
        kept = ("time", "mp_processing_time_ms", "$insert_id", "$device_id")
        return {"event": "$create_alias", "properties": {k: inner[k] for k in kept} | alias}
    if call.groups:
        inner["$groups"] = _listed(call.groups)
    if call.path is not None:
        inner["$current_url"] = f"https://app.example.com{call.path}#top"
    named = "$mp_web_page_view" if call.kind == "page" else call.event
    return {"event": named, "properties": {**inner, **call.all_properties}}


def _posthog(call: StoryCall) -> Json:
    east = timezone(timedelta(hours=2))
    distinct = call.anonymous if call.user is None else call.user
    inner: Json = {
        "$lib": "web",
        "token": "t",
        "$session_id": call.session,
        "$environment": call.environment,
        "$device_id": call.anonymous,
        "$pathname": call.path,
        "alias": call.previous,
    }
    if call.kind == "group":
        [(inner["$group_type"], inner["$group_key"])] = call.groups
        inner["$group_set"] = {**call.set_traits, **dict.fromkeys(call.unset)}
    else:
        inner["$groups"] = dict(call.groups) or None
    outer: Json = {}
    if call.kind == "identify":
        inner["$set"], outer["$set_once"] = call.set_traits, call.set_once
        inner["$unset"] = list(call.unset)
    if call.kind in USAGE:
        inner |= call.all_properties
        inner = {key: value for key, value in inner.items() if key != "alias"}
    named = {
        "identify": "$identify",
        "group": "$groupidentify",
        "page": "$pageview",
        "screen": "$screen",
        "alias": "$create_alias",
    }
    return {
        **outer,
        "uuid": call.name,
        "event": named.get(call.kind, call.event),
        "distinct_id": distinct,
        "timestamp": call.moment.replace(tzinfo=UTC).astimezone(east).isoformat(),
        "created_at": call.received.isoformat(sep=" "),
        "properties": inner,
    }


def _listed(groups: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, group in groups:
        found.setdefault(kind, []).append(group)
    return found


_WRITERS: dict[str, Callable[[StoryCall], Json]] = {
    "segment": _segment,
    "rudderstack": _rudderstack,
    "accoil": _accoil,
    "amplitude": _amplitude,
    "mixpanel": _mixpanel,
    "posthog": _posthog,
}
