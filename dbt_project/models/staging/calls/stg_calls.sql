with

contents as (

    {{ call_contents() }}

),

pick_losers as (

    select * from {{ ref('stg_call_id_conflicts') }}
    where content_rank > 1

),

property_groups as (

    select * from {{ ref('stg_property_groups') }}

)

select
    {% for column in ['company_id', 'app_id', 'call_id', 'content_hash', 'vendor', 'kind', 'is_automatic', 'user_hash',
                      'anonymous_hash', 'previous_hash', 'is_merge', 'user_id', 'event', 'groups', 'account_id', 'traits',
                      'path', 'environment', 'occurred_at', 'received_at'] -%}
    contents.{{ column }},
    {% endfor -%}
    contents.session_id as client_session_id,
    property_groups.property_groups,
    {{ context_id('contents.account_id', 'contents.groups', 'property_groups.property_groups') }} as context_id,
    coalesce(contents.user_hash, contents.anonymous_hash) as sent_hash
from contents
left join pick_losers
    on contents.company_id = pick_losers.company_id and contents.app_id = pick_losers.app_id
    and contents.call_id = pick_losers.call_id and contents.content_hash = pick_losers.content_hash
left join property_groups
    on contents.company_id = property_groups.company_id and contents.app_id = property_groups.app_id
    and contents.call_id = property_groups.call_id and contents.content_hash = property_groups.content_hash
where pick_losers.call_id is null and {{ is_counted('contents') }}
