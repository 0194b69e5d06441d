"""What is read from which field of a vendor's object, before any rule is applied to it."""

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.calls.values import first_id, first_present, is_present, name_key

CALL_KINDS = ("identify", "group", "track", "page", "screen", "alias")
USAGE_KINDS = ("track", "page", "screen")
DEVICE = "$device:"
TIME = object()
"""Stands for the call's time among the values of an id."""


@dataclass
class Sent:
    """A call as its vendor wrote it: values of any type."""

    kind: str | None
    event: Any = None
    user: Any = None
    anonymous: Any = None
    previous: Any = None
    is_merge: bool = False
    untyped: Any = None
    groups: Any = None
    account_id: Any = None
    operations: list[tuple[str, Any]] = field(default_factory=list)
    properties: Any = None
    path: Any = None
    path_is_url: bool = False
    session: Any = None
    environment: Any = None
    time: Any = None
    time_unit: str = "guess"
    received: Any = None
    sender: list[Any] = field(default_factory=list)
    """The sender's id; where it is made of several values, the id and the others."""
    is_automatic: bool = False


def account_id_of(properties: Any) -> Any:
    """The property account_id in any spelling: the canonical one, else the smallest."""
    names = [n for n in _object(properties) if name_key(n) == "account_id"]
    if "account_id" in names:
        return properties["account_id"]
    return properties[min(names)] if names else None


def read_segment(item: dict) -> Sent:
    context = _object(item.get("context"))
    page = _object(context.get("page"))
    properties, kind = item.get("properties"), item.get("type")
    if not is_present(kind) and is_present(item.get("event")):
        kind = "track"
    sent = Sent(
        kind,
        event=item.get("event"),
        user=first_id(item.get("userId"), item.get("user_id")),
        anonymous=first_id(item.get("anonymousId"), item.get("anonymous_id")),
        previous=item.get("previousId"),
        account_id=account_id_of(properties),
        session=first_present(context.get("sessionId"), context.get("session_id")),
        environment=first_present(item.get("environment"), context.get("environment")),
        time=first_present(item.get("timestamp"), item.get("originalTimestamp")),
        received=item.get("receivedAt"),
        sender=[first_present(item.get("messageId"), item.get("message_id"))],
        properties=properties,
    )
    if kind == "group":
        sent.untyped = item.get("groupId")
    else:
        sent.untyped = first_id(context.get("groupId"), item.get("groupId"))
        sent.groups = _object(_object(item.get("integrations")).get("Amplitude")).get("groups")
    if kind == "identify":
        sent.operations = [
            ("context", context.get("traits")),
            ("set", item.get("traits")),
        ]
    elif kind == "group":
        sent.operations = [("set", item.get("traits"))]
    inner = _object(properties)
    if kind in ("page", "screen"):
        named = {k: item[k] for k in ("name", "category") if is_present(item.get(k))}
        if isinstance(properties, dict) or not is_present(properties):
            sent.properties = {**named, **inner}
    own = (inner.get("path"), inner.get("url")) if kind == "page" else (None, None)
    _set_path(
        sent, (own[0], False), (own[1], True), (page.get("path"), False), (page.get("url"), True)
    )
    return sent


def read_amplitude(item: dict) -> Sent:
    event, properties = item.get("event_type"), item.get("event_properties")
    kind = {
        "$identify": "identify",
        "$groupidentify": "group",
        "[Amplitude] Page Viewed": "page",
        "[Amplitude] Screen Viewed": "screen",
    }.get(event if isinstance(event, str) else "", "track")
    if is_present(item.get("group_type")) and is_present(item.get("group_value")):
        kind = "group"
    elif not is_present(event):
        kind = "identify"
    groups = item.get("groups")
    if kind == "group" and not is_present(groups) and is_present(item.get("group_type")):
        groups = {item["group_type"]: item.get("group_value")}
    user, device = first_id(item.get("user_id")), first_id(item.get("device_id"))
    insert_id = first_present(*(item.get(k) for k in ("insert_id", "$insert_id", "_insert_id")))
    sent = Sent(
        kind,
        event=event,
        user=user,
        anonymous=device,
        groups=groups,
        account_id=account_id_of(properties),
        session=None if item.get("session_id") == -1 else item.get("session_id"),
        properties=properties,
        received=first_present(item.get("server_received_time"), item.get("server_upload_time")),
        is_automatic=kind == "track"
        and isinstance(event, str)
        and (
            event in ("session_start", "session_end")
            or event.startswith("$")
            or event.startswith("[Amplitude] ")
        ),
    )
    if is_present(item.get("uuid")):
        sent.sender = [item["uuid"]]
    elif insert_id is not None:
        sent.sender = [insert_id, first_id(device, user)]
    if is_present(item.get("event_time")):
        sent.time = item["event_time"]
    elif is_present(item.get("time")):
        sent.time, sent.time_unit = item["time"], "ms"
    else:
        sent.time = item.get("client_event_time")
    traits = {"identify": "user_properties", "group": "group_properties"}.get(kind)
    if traits is not None:
        sent.operations = operations_of(
            item.get(traits),
            {"$set": "set", "$setOnce": "set_once", "$unset": "unset", "$clearAll": "clear"},
        )
    inner = _object(properties)
    _set_path(
        sent,
        (inner.get("[Amplitude] Page Path"), False),
        (inner.get("[Amplitude] Page Location"), True),
        (inner.get("[Amplitude] Page URL"), True),
    )
    return sent


def operations_of(sent: Any, names: dict[str, str]) -> list[tuple[str, Any]]:
    """Operations of an object of them; what is beside them, or alone, is set."""
    if not isinstance(sent, dict):
        return [("set", sent)]
    found = [(names[key], value) for key, value in sent.items() if key in names]
    plain = {key: value for key, value in sent.items() if not key.startswith("$")}
    return [*found, ("set", plain)] if plain else found


def _set_path(sent: Sent, *candidates: tuple[Any, bool]) -> None:
    for value, is_url in candidates:
        if is_present(value):
            sent.path, sent.path_is_url = value, is_url
            return


def _object(value: Any) -> dict:
    return value if isinstance(value, dict) else {}
