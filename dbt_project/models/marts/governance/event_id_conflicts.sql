{%- set columns = ['company_id', 'app_id', 'event_id', 'content', 'external_org_id', 'event', 'user_hash', 'path',
                   'client_session_id', 'environment', 'plan', 'properties', 'occurred_at', 'received_at'] -%}
{#- While dbt parses it learns of the model; a build reads it where there are calls. -#}
{%- set calls = ref('stg_call_id_conflicts') if reads_calls() or not execute else none -%}
with

conflicts as (

    select * from {{ ref('stg_event_id_conflicts') }}

),

keep_losers as (

    select
        company_id,
        app_id,
        event_id,
        content_hash as content,
        external_org_id,
        event,
        user_hash,
        path,
        client_session_id,
        environment,
        plan,
        properties,
        coalesce({{ epoch_to_timestamp('ts_epoch') }}, received_at) as occurred_at,
        received_at
    from conflicts
    where content_rank > 1
    {%- if calls %}

    union all

    -- What lost was never judged: it has no organization.
    select
        company_id,
        app_id,
        concat('call:', call_id) as event_id,
        content_hash as content,
        null as external_org_id,
        coalesce(event, kind) as event,
        coalesce(user_hash, anonymous_hash) as user_hash,
        path,
        session_id as client_session_id,
        environment,
        null as plan,
        properties,
        occurred_at,
        received_at
    from {{ calls }}
    where content_rank > 1
    {%- endif %}

)

select
    {{ columns[:5] | join(',\n    ') }},
    display_name,
    {{ columns[5:] | join(',\n    ') }}
from {{ described('keep_losers', 'display_name') }}
