"""Mixpanel: exported events, and updates of user and group profiles."""

from ingestion.calls.vendors.vendor import Vendor

_OPERATIONS = ("$set", "$set_once", "$unset", "$add", "$append", "$union", "$remove", "$properties")
_HAS_OPERATION = " or ".join(f"has({{{name}}})" for name in _OPERATIONS)

MIXPANEL = Vendor(
    names=("mixpanel",),
    rules={
        2: """(has({$group_key}) and has({$group_id})) or has({$distinct_id})
            or (has({event_name}) and has({properties}))""",
        6: """has({event}) and has({properties}) and (has({properties.time})
            or has({properties.distinct_id}) or has({properties.$groups})
            or has({properties.$insert_id}) or has({properties.token}))""",
    },
    terms={
        "name": "as_text(first_present({event}, {event_name}))",
        "distinct_id": "first_id({properties.distinct_id}, {distinct_id}, {$distinct_id})",
    },
    kind=f"""case
        when has({{$distinct_id}}) and ({_HAS_OPERATION} or {{$delete}} is not null) then 'identify'
        when has({{$group_key}}) then 'group'
        when name = '$mp_web_page_view' then 'page'
        when name in ('$identify', '$create_alias', '$merge') then 'alias'
        else 'track' end""",
    fields={
        "is_automatic": "starts_with(name, '$')",
        "user_sent": """case
            when kind <> 'alias' then coalesce(first_id({properties.$user_id}),
                case when not is_device(distinct_id) then distinct_id end)
            when name = '$create_alias' then first_id({properties.alias})
            when name = '$identify' then first_id({properties.$identified_id})
            else first_id(item(1, {properties.$distinct_ids})) end""",
        "anonymous_sent": """coalesce(first_id({properties.$device_id}),
            case when is_device(distinct_id) then without_device(distinct_id) end)""",
        "previous_sent": """without_device(case
            when kind <> 'alias' then null
            when name = '$create_alias' then distinct_id
            when name = '$identify' then first_id({properties.$anon_id})
            else first_id(item(2, {properties.$distinct_ids})) end)""",
        "is_merge": "kind = 'alias' and name = '$merge'",
        "event_sent": "first_present({event}, {event_name})",
        "groups_sent": """case when kind = 'group' then one_member({$group_key}, {$group_id})
            else {properties.$groups} end""",
        "account_sent": "{properties.account_id}",
        "set_sent": "present({$set})",
        "set_below": "present({$properties})",
        "set_once_sent": "present({$set_once})",
        "unset_sent": "present({$unset})",
        "is_cleared": "{$delete} is not null",
        "properties_sent": "{properties}",
        "path_sent": "first_path({properties.current_url_path}, {properties.$current_url})",
        "time_sent": "first_present({properties.time}, {time}, {$time})",
        "receipt_sent": "present({properties.mp_processing_time_ms})",
        "id_sent": """first_present({properties.$insert_id}, {properties.insert_id},
            {$insert_id}, {insert_id})""",
        "id_context": "concat_ws(chr(10), coalesce(name, ''), coalesce(distinct_id, ''))",
    },
    no_properties="[$].*|mp_.*|distinct_id|time|token|insert_id",
    has_time_in_id=True,
)
