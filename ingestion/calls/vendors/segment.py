"""Segment; RudderStack and Accoil send the same shape."""

from ingestion.calls.vendors.vendor import Vendor

SEGMENT = Vendor(
    names=("segment", "rudderstack", "accoil"),
    rules={
        5: """has({userId}) or has({user_id}) or has({anonymousId}) or has({anonymous_id})
            or has({messageId}) or has({type})""",
    },
    kind="""case when has({type}) then known_kind(as_text({type}))
        when has({event}) then 'track' else 'missing' end""",
    fields={
        "user_sent": "first_id({userId}, {user_id})",
        "anonymous_sent": "first_id({anonymousId}, {anonymous_id})",
        "previous_sent": "case when kind = 'alias' then first_id({previousId}) end",
        "event_sent": "{event}",
        "group_sent": """case when kind = 'group' then first_id({groupId})
            else first_id({context.groupId}, {groupId}) end""",
        "groups_sent": "case when kind <> 'group' then {integrations.Amplitude.groups} end",
        "account_sent": "spelled_account({properties})",
        "set_sent": "case when kind in ('identify', 'group') then present({traits}) end",
        "set_below": "case when kind = 'identify' then present({context.traits}) end",
        "properties_sent": "{properties}",
        "name_sent": "case when not has({properties.name}) then {name} end",
        "category_sent": "case when not has({properties.category}) then {category} end",
        "path_sent": """case
            when kind = 'page' and (has({properties.path}) or has({properties.url}))
                then first_path({properties.path}, {properties.url})
            else first_path({context.page.path}, {context.page.url}) end""",
        "session_sent": "first_present({context.sessionId}, {context.session_id})",
        "environment_sent": "first_present({environment}, {context.environment})",
        "time_sent": "first_present({timestamp}, {originalTimestamp})",
        "receipt_sent": "present({receivedAt})",
        "id_sent": "first_present({messageId}, {message_id})",
    },
)
