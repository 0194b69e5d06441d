{{ config(
    materialized='incremental',
    unique_key=['company_id', 'app_id', 'call_id', 'external_org_id', 'occurred_on', 'built_in'],
    pre_hook="{{ delete_replaced_calls() }}",
) }}
{% set call = ['company_id', 'app_id', 'call_id'] -%}
{% set columns = call + ['external_org_id', 'group_id', 'account_source', 'event', 'sent_event',
                         'vendor', 'user_hash', 'path', 'client_session_id', 'environment', 'occurred_at', 'occurred_on',
                         'received_at'] -%}
with

calls as (

    select * from {{ ref('int_call_accounts') }}
    where is_event and external_org_id is not null

),

members as (

    select * from {{ ref('int_call_contexts') }}
    where group_id is not null

),

chains as (

    select * from {{ ref('int_group_chains') }}

),

list_choices as (

    -- distinct: many calls have one choice
    select distinct
        company_id, group_context_id, group_context_from, external_org_id, coalesce(group_level, '') as group_level
    from calls
    where group_context_id is not null

),

name_groups as (

    select choices.*, members.group_id
    from list_choices as choices
    inner join members
        on choices.company_id = members.company_id and choices.group_context_id = members.context_id

),

{% set group = {'group_id': 'group_id'} -%}
{{ find_spans('chains', group, 'name_groups', 'group_context_from') }},

choose_groups as (

    -- What is below the account and no other; where groups have no parents, what its type puts below an account.
    select
        choices.company_id,
        choices.group_context_id,
        choices.group_context_from,
        choices.external_org_id,
        choices.group_level,
        {{ first_by('chains.group_id', record({
            'is_other_type': "case when chains.group_type = choices.group_level then 0 else 1 end",
            'level': '-chains.level', 'links': '-chains.links', 'group_id': 'chains.group_id',
        })) }} as group_id
    from name_groups as choices
    {{ join_spans('chains', group, 'choices', 'group_context_from') }}
    where
        chains.account_id = choices.external_org_id
        or (chains.level > 1 and chains.nearest_account_id is null)
    group by
        choices.company_id, choices.group_context_id, choices.group_context_from, choices.external_org_id, choices.group_level

),

make_events as (

    select
        {% for column in call + ['external_org_id', 'account_source', 'event', 'sent_event', 'vendor',
                                 'path', 'client_session_id', 'environment', 'occurred_at', 'received_at'] -%}
        calls.{{ column }},
        {% endfor -%}
        calls.actor_hash as user_hash,
        cast(calls.occurred_at as date) as occurred_on,
        coalesce(choices.group_id, calls.external_org_id) as group_id
    from calls
    left join choose_groups as choices
        on calls.company_id = choices.company_id
        and calls.group_context_id = choices.group_context_id
        and calls.group_context_from = choices.group_context_from
        and calls.external_org_id = choices.external_org_id
        and coalesce(calls.group_level, '') = choices.group_level

)
{%- if is_incremental() %},

{{ changed_rows('make_events', call, columns) }}

select * from changed_rows
{%- else %}

select
    {{ columns | join(',\n    ') }},
    {{ build_number() }} as built_in,
    cast(null as bigint) as replaced_in
from make_events
{%- endif %}
