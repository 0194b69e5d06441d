{{ config(materialized='view') }}
-- One row per usage call, with its account by the first source that gives one: null where none does.
with

calls as (

    select * from {{ ref('int_usage_calls') }}

),

settings as (

    select * from {{ ref('int_call_settings') }}

),

actor_accounts as (

    select * from {{ ref('int_actor_accounts') }}

),

identified as (

    select * from actor_accounts
    where trait = 'account_id'

),

preferred as (

    select * from actor_accounts
    where trait = 'primary_account_id'

),

{% set actor = {'actor_hash': 'actor_hash'} -%}
{{ find_spans('identified', actor, ref('int_usage_calls')) }},

{{ find_spans('preferred', actor, ref('int_usage_calls')) }},

{%- set sources = {
    'property': 'calls.property_account_id',
    'group': 'calls.group_account_id',
    'instance': 'calls.instance_account_id',
    'sticky': "case when settings.source = 'sticky' then settings.account_id end",
    'identify': 'identified.account_id',
    'primary': 'preferred.account_id',
    'later': 'settings.account_id',
    'top_group': 'calls.top_account_id',
    'undefined_group': 'calls.undefined_account_id',
} %}

choose_accounts as (

    select
        calls.*,
        coalesce({{ sources.values() | join(', ') }}) as external_org_id,
        case
            {%- for source, account in sources.items() %}
            when {{ account }} is not null then '{{ source }}'
            {%- endfor %}
        end as account_source,
        settings.context_id as setting_context_id,
        settings.context_from as setting_context_from
    from calls
    left join settings
        on calls.company_id = settings.company_id and calls.app_id = settings.app_id and calls.call_id = settings.call_id
    {%- for traits in ['identified', 'preferred'] %}
    {{ join_spans(traits, actor, 'calls') }}
    {%- endfor %}

)

select
    {% for column in ['company_id', 'app_id', 'call_id', 'vendor', 'actor_hash', 'is_automatic', 'event', 'sent_event',
                      'group_level', 'path', 'client_session_id', 'environment', 'occurred_at', 'received_at',
                      'is_event', 'external_org_id', 'account_source', 'context_id', 'context_from'] -%}
    {{ column }},
    {% endfor -%}
    -- Whose groups the event's group is one of.
    case when account_source in ('sticky', 'later') then setting_context_id else context_id end as group_context_id,
    case when account_source in ('sticky', 'later') then setting_context_from else context_from end as group_context_from
from choose_accounts
