"""Why a call is rejected: every rule that it breaks."""

from datetime import datetime, timedelta
from typing import Any

from tests.oracle.calls.fields import CALL_KINDS, USAGE_KINDS, Sent
from tests.oracle.calls.values import compact, id_text, is_present, moment

MAX_ID, MAX_IDS, MAX_ENVIRONMENT = 255, 300, 32
MAX_JSON = 32_768
FAR_AHEAD = timedelta(days=366)
NOT_USERS = ("identify", *USAGE_KINDS)

Groups = dict[str, list[str]]


def usable_id(value: Any) -> str | None:
    """An id as text, None where it is absent or wrong."""
    try:
        text = id_text(value)
    except TypeError:
        return None
    return None if text is None or len(text) > MAX_ID else text


def user_of(sent: Sent) -> str | None:
    """The user id; one that begins with ``$`` stands for no user on identify and usage calls."""
    user = usable_id(sent.user)
    is_dummy = user is not None and user.startswith("$") and sent.kind in NOT_USERS
    return None if is_dummy else user


def id_reasons(sent: Sent) -> set[str]:
    found = set()
    for name, value in (("user_id", sent.user), ("anonymous_id", sent.anonymous)):
        try:
            text = id_text(value)
        except TypeError:
            found.add(f"{name}_wrong_type")
        else:
            if text is not None and len(text) > MAX_ID:
                found.add(f"{name}_too_long")
    if sent.kind in (*NOT_USERS, "alias") and not (user_of(sent) or usable_id(sent.anonymous)):
        found.add("actor_missing")
    if sent.kind == "alias" and usable_id(sent.previous) is None:
        found.add("previous_id_missing")
    return found


def kind_reasons(sent: Sent) -> set[str]:
    if not is_present(sent.kind):
        return {"kind_missing"}
    if sent.kind not in CALL_KINDS:
        return {"kind_unknown"}
    if sent.kind != "track":
        return set()
    if not is_present(sent.event):
        return {"event_missing"}
    if not isinstance(sent.event, str):
        return {"event_wrong_type"}
    return {"event_too_long"} if len(sent.event) > MAX_ID else set()


def groups_of(sent: Sent) -> tuple[Groups, set[str]]:
    """The groups of a call by type, in sent order, and what is wrong with them."""
    groups: Groups = {}
    found: set[str] = set()
    lists: list[tuple[str, Any]] = [] if sent.untyped is None else [("", [sent.untyped])]
    if isinstance(sent.groups, dict):
        lists += list(sent.groups.items())
    elif is_present(sent.groups):
        found.add("groups_not_an_object")
    for kind, values in lists:
        if len(kind.strip()) > MAX_ID:
            found.add("group_type_too_long")
        for value in values if isinstance(values, list) else [values]:
            try:
                text = id_text(value)
            except TypeError:
                found.add("group_id_wrong_type")
                continue
            if text is None:
                continue
            if len(text) > MAX_ID:
                found.add("group_id_too_long")
            groups.setdefault(kind.strip(), []).append(text)
    if sum(len(ids) for ids in groups.values()) > MAX_IDS:
        found.add("groups_too_many")
    try:
        account_id = id_text(sent.account_id)
    except TypeError:
        found.add("group_id_wrong_type")
    else:
        if account_id is not None and len(account_id) > MAX_ID:
            found.add("group_id_too_long")
    if sent.kind == "group" and not groups:
        found.add("group_id_missing")
    return groups, found


def object_reasons(sent: Sent) -> set[str]:
    found = set()
    for operation, value in sent.operations:
        if operation in ("set", "set_once") and is_present(value):
            if not isinstance(value, dict):
                found.add("traits_not_an_object")
            elif len(compact(value).encode()) > MAX_JSON:
                found.add("traits_too_large")
    if is_present(sent.properties):
        if not isinstance(sent.properties, dict):
            found.add("properties_not_an_object")
        elif len(compact(sent.properties).encode()) > MAX_JSON:
            found.add("properties_too_large")
    return found


def times_of(sent: Sent, modified: datetime) -> tuple[datetime | None, datetime | None, set[str]]:
    """The sent time, the sent receipt, and what is wrong with them."""
    time = received = None
    found = set()
    if is_present(sent.received):
        try:
            received = moment(sent.received)
        except (ValueError, OverflowError):
            found.add("received_at_invalid")
    if is_present(sent.time):
        try:
            time = moment(sent.time, sent.time_unit)
        except (ValueError, OverflowError):
            found.add("timestamp_invalid")
        else:
            if time > (received or modified) + FAR_AHEAD:
                found.add("timestamp_too_far_ahead")
    return time, received, found


def length_reasons(session: str | None, environment: Any, sender_id: Any) -> set[str]:
    found = set()
    for name, value, longest in (
        ("session_id", session, MAX_ID),
        ("environment", environment, MAX_ENVIRONMENT),
        ("event_id", sender_id, MAX_ID),
    ):
        if isinstance(value, str) and len(value) > longest:
            found.add(f"{name}_too_long")
    return found
