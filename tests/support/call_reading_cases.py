"""Single lines of calls with what must come out of them, worked out by hand.

A case: the vendor's folder (or none), the object, and the fields of its row or its reasons.
"""

from typing import Any

from tests.oracle.calls.values import sha256

Case = tuple[str | None, Any, dict[str, Any] | str]
U = {"userId": "u"}
T = {"timestamp": "2025-02-01T10:00:00Z"}
TEN = 1_738_404_000
EMAIL_HASH = "sha256:" + sha256("ann@example.com")
HASHED = "AB" * 32
MANY = [f"g{n}" for n in range(300)]


def track(**fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": "e", **U, **T, **fields}


def posthog(**fields: Any) -> dict[str, Any]:
    return {"event": "e", "distinct_id": "u", "uuid": "x", **T, **fields}


def mixpanel(event: str = "e", /, **properties: Any) -> dict[str, Any]:
    return {"event": event, "properties": {"distinct_id": "u", "time": TEN, **properties}}


ACCEPTED: dict[str, Case] = {
    "identify(null), the actor is the anonymous id": (
        None,
        track(userId=None, anonymousId="d"),
        {"user_hash": None, "anonymous_hash": sha256("d")},
    ),
    "undefined is absent, the next spelling counts": (
        None,
        track(userId="Undefined", user_id=" 42 "),
        {"user_hash": sha256("42")},
    ),
    "[object Object] is absent": (
        None,
        track(userId="[object Object]", anonymousId=7.0),
        {"user_hash": None, "anonymous_hash": sha256("7")},
    ),
    "a hash stays a hash": (None, track(userId=HASHED), {"user_hash": HASHED}),
    "traits of an identify call in context.traits": (
        "rudderstack",
        {
            "type": "identify",
            "userId": "u",
            **T,
            "context": {"traits": {"plan": "old", "role": "Admin"}},
            "traits": {"plan": "new"},
        },
        {"traits": {"set": {"plan": "new", "role": "Admin"}}},
    ),
    "already hashed e-mail hashed again": (
        None,
        track(properties={"invitee_email": HASHED, "user_email": " Ann@Example.com "}),
        {"properties": {"invitee_email": HASHED, "user_email": EMAIL_HASH}},
    ),
    "a name is personal of users alone": (
        None,
        track(properties={"name": "Home", "first_name": "Ann", "note": ["ann@example.com"]}),
        {
            "properties": {
                "name": "Home",
                "first_name": "sha256:" + sha256("ann"),
                "note": [EMAIL_HASH],
            }
        },
    ),
    "names of traits": (
        None,
        {
            "type": "identify",
            **U,
            **T,
            "traits": {
                "createdAt": 1,
                "companyId": "acc",
                "company": {"name": "Acme", "size": {"n": 1}},
                "profile": {"phone": "1"},
                "name": "Ann",
                "old": None,
                "empty": "",
            },
        },
        {
            "traits": {
                "set": {
                    "created_at": 1,
                    "account_id": "acc",
                    "company_name": "Acme",
                    "company_size": {"n": 1},
                    "profile_phone": "sha256:" + sha256("1"),
                    "name": "sha256:" + sha256("ann"),
                },
                "unset": ["empty", "old"],
            }
        },
    ),
    "numeric session ids shared by two users": (
        None,
        track(context={"sessionId": 5}, anonymousId="d"),
        {"session_id": sha256("d")[:16] + "-5"},
    ),
    "300 ids on a call": (
        None,
        {"event_type": "e", "user_id": "u", "groups": {"a": MANY}, "time": TEN * 1000},
        {"groups": {"a": MANY}},
    ),
    "Amplitude's session -1 is none": (
        None,
        {"event_type": "e", "user_id": "u", "session_id": -1, "event_time": "2025-02-01 10:00:00"},
        {"session_id": None},
    ),
    "Segment's untyped group": (
        None,
        track(context={"groupId": "proj_123"}),
        {"groups": {"": ["proj_123"]}},
    ),
    "RudderStack's group for Amplitude": (
        None,
        track(integrations={"Amplitude": {"groups": {"project": "proj_123"}}}),
        {"groups": {"project": ["proj_123"]}},
    ),
    "Accoil's groupId is the trait account_id": (
        "accoil",
        {"type": "identify", **U, **T, "groupId": "acc"},
        {"groups": {"": ["acc"]}, "traits": {"set": {"account_id": "acc"}}},
    ),
    "a group call's type is its trait": (
        None,
        {"type": "group", "groupId": "ws", **T, "traits": {"groupType": "workspace"}},
        {"groups": {"workspace": ["ws"]}, "traits": {"set": {"group_type": "workspace"}}},
    ),
    "Amplitude's group call": (
        None,
        {
            "group_type": "workspace",
            "group_value": "ws",
            "group_properties": {"plan": "pro"},
            "time": TEN * 1000,
        },
        {
            "kind": "group",
            "groups": {"workspace": ["ws"]},
            "traits": {"set": {"plan": "pro", "group_type": "workspace"}},
        },
    ),
    "Amplitude repeats the profile on events": (
        None,
        {"event_type": "f", "user_id": "u", "user_properties": {"plan": "pro"}, "time": TEN * 1000},
        {"kind": "track", "traits": None},
    ),
    "Amplitude's operations": (
        None,
        {
            "event_type": "$identify",
            "user_id": "u",
            "user_properties": {
                "$set": {"a": 1},
                "$setOnce": {"b": "x"},
                "$unset": {"c": "-"},
                "$add": {"n": 1},
            },
            "time": TEN * 1000,
        },
        {"traits": {"set": {"a": 1}, "set_once": {"b": "x"}, "unset": ["c"]}},
    ),
    "Mixpanel deletes and sets the type again": (
        None,
        {"$group_key": "workspace", "$group_id": "ws", "$delete": "null", "$time": TEN},
        {"traits": {"clear": True, "set": {"group_type": "workspace"}}},
    ),
    "Mixpanel's device": (
        None,
        mixpanel(distinct_id="$device:d", token="t", mp_lib="web", n=1),
        {"user_hash": None, "anonymous_hash": sha256("d"), "properties": {"n": 1}},
    ),
    "Mixpanel's alias": (
        None,
        mixpanel("$create_alias", alias="new"),
        {"kind": "alias", "user_hash": sha256("new"), "previous_hash": sha256("u")},
    ),
    "PostHog's alias": (
        None,
        posthog(event="$create_alias", properties={"alias": "old"}),
        {"kind": "alias", "user_hash": sha256("u"), "previous_hash": sha256("old")},
    ),
    "PostHog's traits on any call": (
        None,
        posthog(properties={"$set": {"role": "admin"}, "n": 1, "$lib": "web"}),
        {"kind": "track", "traits": {"set": {"role": "admin"}}, "properties": {"n": 1}},
    ),
    "PostHog's anonymous events": (
        None,
        posthog(properties={"$process_person_profile": False}),
        {"user_hash": None, "anonymous_hash": sha256("u"), "properties": None},
    ),
    "PostHog's distinct id is the device's": (
        None,
        posthog(uuid="of a device", properties={"$device_id": "u"}),
        {"user_hash": None, "anonymous_hash": sha256("u")},
    ),
    "PostHog's server makes group calls of a dummy": (
        None,
        posthog(
            event="$groupidentify",
            distinct_id="$account_acc",
            properties={"$group_type": "account", "$group_key": "acc", "$group_set": {"name": "A"}},
        ),
        {
            "kind": "group",
            "groups": {"account": ["acc"]},
            "traits": {"set": {"name": "A", "group_type": "account"}},
        },
    ),
    "an automatic event": (None, posthog(event="$autocapture"), {"is_automatic": True}),
    "a page of Mixpanel": (
        None,
        mixpanel("$mp_web_page_view", **{"$current_url": "https://a.example/x/y?q=1#z"}),
        {"kind": "page", "event": None, "path": "/x/y", "is_automatic": False},
    ),
    "a path that is none is left out": (
        None,
        track(context={"page": {"path": "x"}}),
        {"path": None},
    ),
    "a router's PostHog call": (
        None,
        {**track(), "distinct_id": "u", "messageId": "m"},
        {"vendor": "posthog"},
    ),
}

REJECTED: dict[str, Case] = {
    "no object": (None, 7, "not_a_json_object"),
    "an item that is none": (None, [["x"]], "not_a_json_object"),
    "unknown vendor": (None, {"hello": 1}, "vendor_unknown"),
    "wrong folder": ("amplitude", track(), "vendor_mismatch"),
    "no kind": (None, {**U, **T}, "kind_missing"),
    "unknown kind": (None, {"type": "delete", **U, **T}, "kind_unknown"),
    "nobody": (None, {"type": "track", "event": "e", **T}, "actor_missing"),
    "nobody but words": (None, track(userId="null", anonymousId="guest"), "actor_missing"),
    "a dummy of PostHog's servers": (None, posthog(distinct_id="$account_acc"), "actor_missing"),
    "a list for a user": (None, track(userId=["u"]), "actor_missing,user_id_wrong_type"),
    "a long anonymous id": (None, track(anonymousId="x" * 256), "anonymous_id_too_long"),
    "no previous id": (None, {"type": "alias", **U, **T}, "previous_id_missing"),
    "no event": (None, {"type": "track", **U, **T}, "event_missing"),
    "an event of a wrong type": (None, track(event=7), "event_wrong_type"),
    "a long event": (None, track(event="x" * 256), "event_too_long"),
    "a group call without a group": (None, {"type": "group", **U, **T}, "group_id_missing"),
    "a group that is a list": (None, track(groupId={"a": 1}), "group_id_wrong_type"),
    "a long group": (None, track(groupId="x" * 256), "group_id_too_long"),
    "groups that are none": (None, posthog(properties={"$groups": "acc"}), "groups_not_an_object"),
    "301 groups": (
        None,
        {"event_type": "e", "user_id": "u", "groups": {"a": [*MANY, "more"]}},
        "groups_too_many",
    ),
    "a long type": (None, posthog(properties={"$groups": {"x" * 256: "a"}}), "group_type_too_long"),
    "traits that are none": (
        None,
        {"type": "identify", **U, **T, "traits": "x"},
        "traits_not_an_object",
    ),
    "large traits": (
        None,
        {"type": "identify", **U, **T, "traits": {"x": "y" * 32_768}},
        "traits_too_large",
    ),
    "properties that are none": (None, track(properties=[1]), "properties_not_an_object"),
    "large properties": (None, track(properties={"x": "y" * 32_768}), "properties_too_large"),
    "no time": (None, track(timestamp="yesterday"), "timestamp_invalid"),
    "before 1970": (None, track(timestamp="1969-12-31T23:59:59Z"), "timestamp_invalid"),
    "two years ahead": (
        None,
        track(receivedAt="2025-02-01T10:00:00Z", timestamp="2027-02-01T10:00:00Z"),
        "timestamp_too_far_ahead",
    ),
    "no receipt": (None, track(receivedAt="x"), "received_at_invalid"),
    "a long session": (None, track(context={"sessionId": "x" * 256}), "session_id_too_long"),
    "a long environment": (None, track(environment="x" * 33), "environment_too_long"),
    "a long id": (None, track(messageId="x" * 256), "event_id_too_long"),
    "several": (
        None,
        {"type": "track", "timestamp": "x", "properties": "x", "anonymousId": "none"},
        "actor_missing,event_missing,properties_not_an_object,timestamp_invalid",
    ),
}
