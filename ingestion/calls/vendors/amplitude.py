"""Amplitude: raw exports, the HTTP API's events, Identify and Group Identify."""

from ingestion.calls.vendors.vendor import Vendor

AMPLITUDE = Vendor(
    names=("amplitude",),
    rules={
        1: """has({event_type}) or (has({group_type}) and has({group_value}))
            or (starts_with({user_properties}, '{') and (has({user_id}) or has({device_id}))
                and not has({event}))""",
    },
    terms={"name": "as_text({event_type})"},
    kind="""case
        when name = '$groupidentify' or (has({group_type}) and has({group_value}))
            then 'group'
        when not has({event_type}) or name = '$identify' then 'identify'
        when name = '[Amplitude] Page Viewed' then 'page'
        when name = '[Amplitude] Screen Viewed' then 'screen'
        else 'track' end""",
    fields={
        "is_automatic": """name in ('session_start', 'session_end')
            or starts_with(name, '$')
            or starts_with(name, '[Amplitude] ')""",
        "user_sent": "first_id({user_id})",
        "anonymous_sent": "first_id({device_id})",
        "event_sent": "{event_type}",
        "groups_sent": """case when has_content({groups}) then {groups}
            when kind = 'group' then one_member({group_type}, {group_value}) end""",
        "account_sent": "{event_properties.account_id}",
        # An export repeats the profile on every event: only identify calls set traits.
        "set_sent": """case when kind = 'identify' then present({user_properties.$set})
            when kind = 'group' then present({group_properties.$set}) end""",
        "set_below": """case when kind = 'identify' then without_operations({user_properties})
            when kind = 'group' then without_operations({group_properties}) end""",
        "set_once_sent": """case when kind = 'identify' then present({user_properties.$setOnce})
            when kind = 'group' then present({group_properties.$setOnce}) end""",
        "unset_sent": """case when kind = 'identify' then present({user_properties.$unset})
            when kind = 'group' then present({group_properties.$unset}) end""",
        "is_cleared": """case when kind = 'identify' then {user_properties.$clearAll} is not null
            when kind = 'group' then {group_properties.$clearAll} is not null end""",
        "properties_sent": "{event_properties}",
        "path_sent": """first_path(
            {event_properties.[Amplitude] Page Path},
            first_present({event_properties.[Amplitude] Page Location},
                {event_properties.[Amplitude] Page URL}))""",
        "session_sent": "case when {session_id} <> '-1' then present({session_id}) end",
        "time_sent": "first_present({event_time}, in_milliseconds({time}), {client_event_time})",
        "receipt_sent": "first_present({server_received_time}, {server_upload_time})",
        "id_sent": "first_present({uuid}, {insert_id}, {$insert_id}, {_insert_id})",
        "id_context": "case when not has({uuid}) then first_id({device_id}, {user_id}) end",
    },
)
