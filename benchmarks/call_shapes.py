"""The benchmark's events as calls of each vendor's export: columns of the generator's query.

One call in sixteen is an identify call, one in 64 a group call with the traits of a group. The
others are page and track calls; of one session in four they name no group, so that a call before
has to say it. Segment's calls name projects: an account has two workspaces of three projects each.
The other vendors know accounts alone.

A group that is named and never defined would be one more account: at a million calls three thousand
projects. So a customer's server says all groups once (``tree``), as vendors ask for it.
"""

from collections.abc import Iterator

_KIND = """case
    when event_key % 64 = 0 then 'group' when event_key % 16 = 1 then 'identify'
    when event = 'page_view' then 'page' else 'track' end"""
_ID = "printf('%016x', event_key)"
_DEVICE = "printf('d-%s', user_hash[:12])"
_GROUP = "case when session_key % 4 < 3 then sent_org_id end"
_TIME = "strftime(make_timestamp(ts_epoch * 1000000), '%Y-%m-%dT%H:%M:%S.250Z')"
_RECEIVED = "strftime(make_timestamp(received_epoch * 1000000), '%Y-%m-%dT%H:%M:%SZ')"
_USER_TRAITS = """{'email': user_hash[:8] || '@example.com', 'account_id': sent_org_id,
    'role': case when event_key % 5 = 0 then 'Admin' else 'Member' end}"""
_GROUP_TRAITS = "{'name': sent_org_id, 'plan': plan, 'group_type': 'account'}"
_WORKSPACE = "sent_org_id || '/w' || (session_key % 6) // 3"
_PROJECT = "sent_org_id || '/p' || session_key % 6"
_NAMED_PROJECT = f"case when session_key % 4 < 3 then {_PROJECT} end"
_LEVEL = "event_key // 64 % 3"
_PROPERTIES = "'item': 'item-' || item, 'duration_ms': event_key % 9000, 'source': 'web'"
_IS_USAGE = f"{_KIND} in ('page', 'track')"


def _when(kind: str, value: str) -> str:
    return f"case when {_KIND} = '{kind}' then {value} end"


def _usage(value: str) -> str:
    return f"case when {_IS_USAGE} then {value} end"


_TREE_GROUP = f"case {_LEVEL} when 0 then sent_org_id when 1 then {_WORKSPACE} else {_PROJECT} end"
_TREE_TRAITS = f"""case {_LEVEL}
    when 0 then to_json({_GROUP_TRAITS})
    when 1 then to_json({{'name': {_WORKSPACE}, 'group_type': 'workspace',
        'parent_group_id': sent_org_id}})
    else to_json({{'name': {_PROJECT}, 'group_type': 'project',
        'parent_group_id': {_WORKSPACE}}}) end"""
_SEGMENT = f"""
    {_KIND} as type, {_ID} as "messageId", {_TIME} as "timestamp", {_RECEIVED} as "receivedAt",
    user_hash as "userId", {_DEVICE} as "anonymousId", {_when("track", "event")} as event,
    {_when("group", _TREE_GROUP)} as "groupId",
    case {_KIND} when 'group' then {_TREE_TRAITS}
        when 'identify' then to_json({_USER_TRAITS}) end as traits,
    {_usage("{" + _PROPERTIES + "}")} as properties,
    {{'groupId': {_usage(_NAMED_PROJECT)}, 'page': {{'path': path, 'title': 'Tasks'}},
        'library': {{'name': 'analytics.js', 'version': '2.1.0'}},
        'userAgent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'locale': 'en-US'
    }} as context"""
_AMPLITUDE = f"""
    {_ID} as uuid, case {_KIND} when 'identify' then '$identify' when 'group' then '$groupidentify'
        when 'page' then '[Amplitude] Page Viewed' else event end as event_type,
    user_hash as user_id, {_DEVICE} as device_id,
    replace({_TIME}, 'T', ' ')[:23] as event_time, {_RECEIVED} as server_received_time,
    ts_epoch // 86400 * 86400000 as session_id,
    case when {_KIND} <> 'identify' then {{'account': [{_GROUP}]}} end as groups,
    {_when("identify", "{'$set': " + _USER_TRAITS + "}")} as user_properties,
    {_when("group", "{'$set': " + _GROUP_TRAITS + "}")} as group_properties,
    {_usage("{" + _PROPERTIES + ", '[Amplitude] Page Path': path}")} as event_properties,
    'Chrome' as os_name, 'Linux' as platform, 'Germany' as country"""
_MIXPANEL = f"""
    case {_KIND} when 'page' then '$mp_web_page_view' when 'track' then event end as event,
    {_when("group", "'account'")} as "$group_key", {_when("group", "sent_org_id")} as "$group_id",
    {_when("identify", "user_hash")} as "$distinct_id",
    case when not {_IS_USAGE} then ts_epoch end as "$time",
    case {_KIND} when 'group' then to_json({_GROUP_TRAITS})
        when 'identify' then to_json({_USER_TRAITS}) end as "$set",
    {
    _usage(
        "{"
        + f'''{_PROPERTIES}, 'distinct_id': user_hash, 'time': ts_epoch,
        '$insert_id': {_ID}, 'mp_processing_time_ms': received_epoch * 1000,
        'current_url_path': path, '$browser': 'Chrome', '$os': 'Linux',
        'account_id': [{_GROUP}]'''
        + "}"
    )
} as properties"""
_POSTHOG = f"""
    {_ID} as uuid, case {_KIND} when 'identify' then '$identify' when 'group' then '$groupidentify'
        when 'page' then '$pageview' else event end as event,
    user_hash as distinct_id, {_TIME} as "timestamp", {_RECEIVED} as created_at,
    case {_KIND} when 'identify' then to_json({{'$set': {_USER_TRAITS}}})
        when 'group' then to_json({{'$group_type': 'account', '$group_key': sent_org_id,
            '$group_set': {_GROUP_TRAITS}}})
        else to_json({{{_PROPERTIES}, '$groups': {{'account': {_GROUP}}}, '$pathname': path,
            '$session_id': printf('s-%016x', session_key), '$device_id': {_DEVICE},
            '$browser': 'Chrome', '$os': 'Linux', '$lib': 'web'}}) end as properties"""

SHAPES = {
    "segment": _SEGMENT,
    "amplitude": _AMPLITUDE,
    "mixpanel": _MIXPANEL,
    "posthog": _POSTHOG,
}
"""By the folder of the vendor."""


def tree(account: str) -> Iterator[dict[str, object]]:
    """The calls that define an account and the groups below it, in Segment's shape."""
    parents: dict[str, tuple[str, str | None]] = {account: ("account", None)}
    for project in range(6):
        workspace = f"{account}/w{project // 3}"
        parents[workspace] = ("workspace", account)
        parents[f"{account}/p{project}"] = ("project", workspace)
    for group, (group_type, parent) in parents.items():
        traits = {"name": group, "group_type": group_type, "parent_group_id": parent}
        yield {"type": "group", "messageId": f"tree-{group}", "groupId": group, "traits": traits}
