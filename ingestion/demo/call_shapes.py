"""One call of the demo as each vendor's export writes it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

_DELAY = timedelta(seconds=3)


@dataclass(frozen=True)
class DemoCall:
    """Who did what, and when. A group is named by its type and id."""

    key: str
    kind: str
    at: datetime
    user: str | None
    event: str | None = None
    group: tuple[str, str] | None = None
    traits: Json = field(default_factory=dict)
    properties: Json = field(default_factory=dict)
    path: str | None = None

    @property
    def epoch(self) -> int:
        """Unix seconds."""
        return int(self.at.replace(tzinfo=UTC).timestamp())


def segment(call: DemoCall) -> Json:
    """Segment's archive: the group of an event is the untyped ``context.groupId``."""
    kind, group = call.group or (None, None)
    line: Json = {
        "type": call.kind,
        "messageId": call.key,
        "timestamp": f"{call.at.isoformat()}Z",
        "receivedAt": f"{(call.at + _DELAY).isoformat()}Z",
        "userId": call.user,
    }
    if call.kind == "group":
        return line | {"groupId": group, "traits": {**call.traits, "group_type": kind}}
    if call.kind == "identify":
        return line | {"traits": call.traits}
    line["context"] = {"groupId": group, "page": {"path": call.path}}
    return line | {"event": call.event, "properties": call.properties}


def rudderstack(call: DemoCall) -> Json:
    """RudderStack: traits of users in the context, sessions that are numbers."""
    line = segment(call)
    line["originalTimestamp"] = line.pop("timestamp")
    if call.kind == "identify":
        line["context"] = {"traits": line.pop("traits")}
    elif call.kind != "group":
        line["context"]["sessionId"] = call.epoch // 86_400
    return line


def accoil(call: DemoCall) -> Json:
    """What a server sends to Accoil: events name no group, users name their account."""
    line = segment(call)
    line.pop("context", None)
    return line


def amplitude(call: DemoCall) -> Json:
    """Amplitude's export: typed groups in lists, sessions in milliseconds."""
    line: Json = {
        "uuid": call.key,
        "event_type": {"identify": "$identify", "group": "$groupidentify"}.get(
            call.kind, "[Amplitude] Page Viewed" if call.kind == "page" else call.event
        ),
        "user_id": call.user,
        "device_id": f"device-{call.user}",
        "event_time": f"{call.at.isoformat(sep=' ', timespec='microseconds')}",
        "server_received_time": f"{(call.at + _DELAY).isoformat(sep=' ')}",
        "session_id": call.epoch // 86_400 * 86_400_000,
        "groups": {} if call.group is None else {call.group[0]: [call.group[1]]},
    }
    if call.kind in ("identify", "group"):
        name = "user_properties" if call.kind == "identify" else "group_properties"
        return line | {name: {"$set": call.traits}}
    return line | {"event_properties": {**call.properties, "[Amplitude] Page Path": call.path}}


def mixpanel(call: DemoCall) -> Json:
    """Mixpanel's raw export and its profile updates: a group is a property."""
    if call.kind == "group" and call.group is not None:
        kind, group = call.group
        return {"$group_key": kind, "$group_id": group, "$time": call.epoch, "$set": call.traits}
    if call.kind == "identify":
        return {"$distinct_id": call.user, "$time": call.epoch, "$set": call.traits}
    properties: Json = {
        "distinct_id": call.user,
        "time": call.epoch,
        "$insert_id": call.key,
        "mp_processing_time_ms": (call.epoch + 3) * 1000,
        "current_url_path": call.path,
        **call.properties,
    }
    if call.group is not None:
        kind, group = call.group
        # `account_id` would be a property of the event, not its group.
        properties["company" if kind == "account" else f"{kind}_id"] = [group]
    return {
        "event": "$mp_web_page_view" if call.kind == "page" else call.event,
        "properties": properties,
    }


def posthog(call: DemoCall) -> Json:
    """PostHog's batch export."""
    names = {"identify": "$identify", "group": "$groupidentify", "page": "$pageview"}
    line: Json = {
        "uuid": call.key,
        "event": names.get(call.kind, call.event),
        "distinct_id": call.user,
        "timestamp": f"{call.at.isoformat()}+00:00",
        "created_at": f"{(call.at + _DELAY).isoformat()}+00:00",
    }
    if call.kind == "group" and call.group is not None:
        kind, group = call.group
        named = {"$group_type": kind, "$group_key": group, "$group_set": call.traits}
        return line | {"distinct_id": f"${kind}_{group}", "properties": named}
    if call.kind == "identify":
        return line | {"properties": {"$set": call.traits}}
    groups = {} if call.group is None else {"$groups": dict([call.group])}
    return line | {"properties": {**call.properties, **groups, "$pathname": call.path}}


SHAPES: dict[str, Callable[[DemoCall], Json]] = {
    "mixpanel": mixpanel,
    "amplitude": amplitude,
    "posthog": posthog,
    "accoil": accoil,
    "rudderstack": rudderstack,
    "segment": segment,
}
"""The vendors in the order in which the demo's portal used them."""

ENDINGS = {"amplitude": "json.gz", "segment": "gz", "posthog": "jsonl", "mixpanel": "jsonl"}
"""How a vendor's files end; the others' end in ``jsonl.gz``."""
