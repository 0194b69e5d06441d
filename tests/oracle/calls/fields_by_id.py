"""Fields of the vendors that name users by one ``distinct_id``: Mixpanel and PostHog."""

from typing import Any

from tests.oracle.calls.fields import DEVICE, TIME, Sent, _object, _set_path, account_id_of
from tests.oracle.calls.values import first_id, first_present, id_text, is_present

MIXPANEL_OPERATIONS = {
    "$set": "set",
    "$set_once": "set_once",
    "$unset": "unset",
    "$properties": "set",
    "$delete": "clear",
}
OTHER_OPERATIONS = ("$add", "$append", "$union", "$remove")
_POSTHOG_KINDS = {
    "$identify": "identify",
    "$set": "identify",
    "$groupidentify": "group",
    "$pageview": "page",
    "$screen": "screen",
    "$create_alias": "alias",
    "$merge_dangerously": "alias",
}
_MIXPANEL_KINDS = {
    "$mp_web_page_view": "page",
    "$identify": "alias",
    "$create_alias": "alias",
    "$merge": "alias",
}


def read_mixpanel(item: dict) -> Sent:
    inner = _object(item.get("properties"))
    event = first_present(item.get("event"), item.get("event_name"))
    kind = _MIXPANEL_KINDS.get(event if isinstance(event, str) else "", "track")
    operations = (*MIXPANEL_OPERATIONS, *OTHER_OPERATIONS)
    if is_present(item.get("$distinct_id")) and any(key in item for key in operations):
        kind = "identify"
    elif is_present(item.get("$group_key")):
        kind = "group"
    distinct = first_id(inner.get("distinct_id"), item.get("distinct_id"), item.get("$distinct_id"))
    sent = Sent(
        kind,
        event=event,
        user=first_id(inner.get("$user_id"), distinct),
        anonymous=first_id(inner.get("$device_id")),
        groups=inner.get("$groups"),
        account_id=account_id_of(inner),
        properties=_left(
            item.get("properties"), "distinct_id", "time", "token", "insert_id", "mp_"
        ),
        time=first_present(inner.get("time"), item.get("time"), item.get("$time")),
        received=inner.get("mp_processing_time_ms"),
        is_automatic=kind == "track" and isinstance(event, str) and event.startswith("$"),
    )
    if isinstance(distinct, str) and distinct.strip().startswith(DEVICE):
        device = distinct.strip().removeprefix(DEVICE)
        sent.user = first_id(inner.get("$user_id"))
        sent.anonymous = first_id(sent.anonymous, device)
    if kind == "alias":
        _read_mixpanel_alias(sent, event, inner, distinct)
    if kind == "group":
        sent.groups = {item["$group_key"]: item.get("$group_id")}
    if kind in ("identify", "group"):
        sent.operations = [
            (name, item[key]) for key, name in MIXPANEL_OPERATIONS.items() if key in item
        ]
    insert_id = first_present(inner.get("$insert_id"), inner.get("insert_id"))
    if insert_id is not None:
        sent.sender = [insert_id, event, distinct, TIME]
    _set_path(sent, (inner.get("current_url_path"), False), (inner.get("$current_url"), True))
    return sent


def _read_mixpanel_alias(sent: Sent, event: str, inner: dict, distinct: Any) -> None:
    if event == "$create_alias":
        sent.previous, sent.user = distinct, inner.get("alias")
    elif event == "$identify":
        sent.previous, sent.user = inner.get("$anon_id"), inner.get("$identified_id")
    else:
        both = inner.get("$distinct_ids")
        both = both if isinstance(both, list) else []
        sent.user, sent.previous = [*both, None, None][:2]
        sent.is_merge = True
    for name in ("previous", "user"):
        value = getattr(sent, name)
        if isinstance(value, str):
            setattr(sent, name, value.strip().removeprefix(DEVICE))


def read_posthog(item: dict) -> Sent:
    inner = _object(item.get("properties"))
    event = item.get("event")
    kind = _POSTHOG_KINDS.get(event if isinstance(event, str) else "", "track")
    distinct = first_id(item.get("distinct_id"), item.get("distinctId"), inner.get("distinct_id"))
    device = first_id(inner.get("$device_id"))
    sent = Sent(
        kind,
        event=event,
        user=distinct,
        anonymous=first_id(inner.get("$anon_distinct_id"), device),
        account_id=account_id_of(inner),
        properties=_left(item.get("properties"), "distinct_id", "token"),
        session=inner.get("$session_id"),
        environment=inner.get("$environment"),
        time=first_present(item.get("timestamp"), inner.get("$time")),
        received=first_present(item.get("created_at"), item.get("_inserted_at")),
        sender=[first_present(item.get("uuid"), item.get("messageId"), inner.get("$insert_id"))],
        is_automatic=kind == "track" and isinstance(event, str) and event.startswith("$"),
    )
    if inner.get("$process_person_profile") is False and distinct is not None:
        sent.user, sent.anonymous = None, distinct
    elif distinct is not None and _same(distinct, device):
        sent.user = None
    if kind == "alias":
        sent.previous = inner.get("alias")
    if kind == "group":
        sent.groups = {first_present(inner.get("$group_type")) or "": inner.get("$group_key")}
        sent.operations = [("set", inner.get("$group_set"))]
    else:
        sent.groups = first_present(inner.get("$groups"), item.get("groups"), item.get("$groups"))
        if sent.groups is None:
            numbered = {f"$group_{n}": inner.get(f"$group_{n}") for n in range(5)}
            sent.groups = {k: v for k, v in numbered.items() if is_present(v)} or None
        for name in ("set", "set_once", "unset"):
            sent.operations += [
                (name, place[f"${name}"]) for place in (item, inner) if f"${name}" in place
            ]
    _set_path(sent, (inner.get("$pathname"), False), (inner.get("$current_url"), True))
    return sent


def _same(left: Any, right: Any) -> bool:
    try:
        return id_text(left) is not None and id_text(left) == id_text(right)
    except TypeError:
        return False


def _left(properties: Any, *names: str) -> Any:
    """Properties without the vendor's own: by name, by ``mp_`` where given, and all ``$…``."""
    if not isinstance(properties, dict):
        return properties
    prefixes = ("$", *(name for name in names if name.endswith("_") and name != "insert_id"))
    return {
        key: value
        for key, value in properties.items()
        if key not in names and not key.startswith(prefixes)
    }
