"""PostHog: exports, and the bodies of its capture API."""

from ingestion.calls.vendors.vendor import Vendor

_IS_PERSONLESS = "coalesce({properties.$process_person_profile} in ('false', '\"false\"'), false)"
_IS_DEVICE = "coalesce(distinct_id = device_id, false)"
_GROUP_INDEXES = ", ".join(f"{{properties.$group_{number}}}" for number in range(5))

POSTHOG = Vendor(
    names=("posthog",),
    rules={
        3: "has({distinct_id}) or has({distinctId})",
        4: """has({event}) and has({properties.distinct_id})
            and (has({api_key}) or has({uuid}) or has_api_key)""",
    },
    terms={
        "name": "as_text({event})",
        "distinct_id": "first_id({distinct_id}, {distinctId}, {properties.distinct_id})",
        "device_id": "first_id({properties.$device_id})",
    },
    kind="""case
        when name in ('$identify', '$set') then 'identify'
        when name = '$groupidentify' then 'group'
        when name = '$pageview' then 'page'
        when name = '$screen' then 'screen'
        when name in ('$create_alias', '$merge_dangerously') then 'alias'
        else 'track' end""",
    fields={
        "is_automatic": "starts_with(name, '$')",
        "user_sent": f"""case when not {_IS_PERSONLESS} and not {_IS_DEVICE}
            then distinct_id end""",
        "anonymous_sent": f"""case when {_IS_PERSONLESS} then distinct_id
            else coalesce(first_id({{properties.$anon_distinct_id}}), device_id) end""",
        "previous_sent": "case when kind = 'alias' then first_id({properties.alias}) end",
        "event_sent": "{event}",
        "groups_sent": f"""case
            when kind = 'group'
                then one_member({{properties.$group_type}}, {{properties.$group_key}})
            when has_content({{properties.$groups}}) then {{properties.$groups}}
            when has_content({{groups}}) then {{groups}}
            when has_content({{$groups}}) then {{$groups}}
            else group_indexes({_GROUP_INDEXES}) end""",
        "account_sent": "{properties.account_id}",
        "set_sent": """case when kind = 'group' then present({properties.$group_set})
            else first_present({properties.$set}, {$set}) end""",
        "set_once_sent": """case when kind <> 'group'
            then first_present({properties.$set_once}, {$set_once}) end""",
        "unset_sent": """case when kind <> 'group'
            then first_present({properties.$unset}, {$unset}) end""",
        "properties_sent": "{properties}",
        "path_sent": "first_path({properties.$pathname}, {properties.$current_url})",
        "session_sent": "present({properties.$session_id})",
        "environment_sent": "present({properties.$environment})",
        "time_sent": "first_present({timestamp}, {properties.$time})",
        "receipt_sent": "first_present({created_at}, {_inserted_at})",
        "id_sent": "first_present({uuid}, {messageId}, {properties.$insert_id})",
    },
    no_properties="[$].*|distinct_id|token",
)
