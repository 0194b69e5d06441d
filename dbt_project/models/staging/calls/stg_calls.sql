with

contents as (

    {{ counted_contents() }}

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
left join property_groups
    on contents.company_id = property_groups.company_id and contents.app_id = property_groups.app_id
    and contents.call_id = property_groups.call_id and contents.content_hash = property_groups.content_hash
