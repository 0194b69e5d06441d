{{ config(tags=['calls']) }}
{% set event = ['company_id', 'app_id', 'event', 'sent_event', 'date_day'] -%}
{% set counted = ['occurrences', 'first_seen_at', 'last_seen_at', 'example_id'] -%}
{% set findings = {
    'sent': 'is_event',
    'unattributed': 'is_event and is_unattributed',
    'no_account': 'is_event and is_unattributed and not names_undefined',
    'group_undefined': 'is_event and names_undefined',
    'group_missing': 'is_event and is_guessed',
    'group_conflict': 'is_event and names_others',
    'automatic': 'not is_event',
    'without_account': 'is_unattributed',
    'without_context': 'is_unattributed or is_guessed',
} -%}
with

names as (

    select * from {{ ref('int_event_names') }}

),

judge_calls as (

    select
        calls.*,
        cast(calls.occurred_at as date) as date_day,
        calls.external_org_id is null as is_unattributed,
        coalesce(calls.account_source not in ('property', 'group', 'instance', 'top_group'), false) as is_guessed,
        coalesce(contexts.names_undefined, false) as names_undefined,
        coalesce(
            calls.external_org_id <> contexts.smallest_named_account_id
            or calls.external_org_id <> contexts.greatest_named_account_id, false
        ) as names_others
    from {{ ref('int_call_accounts') }} as calls
    left join {{ ref('int_context_accounts') }} as contexts
        on calls.company_id = contexts.company_id and calls.context_id = contexts.context_id
        and calls.context_from = contexts.valid_from

),

count_calls as (

    -- Calls that are judged alike are many: they are counted once, and not for each finding.
    select
        {{ event | join(', ') }}, is_event, is_unattributed, is_guessed, names_undefined, names_others,
        {{ count_and_ends('call_id') }}
    from judge_calls
    group by {{ event | join(', ') }}, is_event, is_unattributed, is_guessed, names_undefined, names_others

),

chains as (

    select * from {{ ref('int_group_chains') }}

),

leveled_calls as (

    select calls.*, calls.occurred_on as date_day, names.group_level
    from {{ ref('int_call_events') }} as calls
    inner join names
        on calls.company_id = names.company_id and calls.app_id = names.app_id and calls.sent_event = names.sent_event
    where calls.replaced_in is null and names.group_level is not null

),

{% set group = {'group_id': 'group_id'} -%}
{{ find_spans('chains', group, 'leveled_calls') }},

judge_levels as (

    select calls.*
    from leveled_calls as calls
    {{ join_spans('chains', group, 'calls') }}
    -- What no call has ever named as a group is an account.
    where calls.group_level is distinct from case when chains.group_id is null then 'account' else chains.group_type end

),

list_findings as (

    {% for finding, condition in findings.items() -%}
    select {{ event | join(', ') }}, '{{ finding }}' as finding, {{ counted | join(', ') }} from count_calls
    where {{ condition }}

    union all

    {% endfor -%}
    select {{ event | join(', ') }}, 'group_level_wrong' as finding, {{ count_and_ends('call_id') }} from judge_levels
    group by {{ event | join(', ') }}

)

select
    {{ event | join(',\n    ') }},
    finding,
    cast(sum(occurrences) as bigint) as occurrences,
    min(first_seen_at) as first_seen_at,
    max(last_seen_at) as last_seen_at,
    concat('call:', {{ newest('example_id', 'last_seen_at') }}) as example_id
from list_findings
group by {{ event | join(', ') }}, finding
