{{ config(tags=['calls']) }}
{% set event = ['company_id', 'app_id', 'event', 'sent_event', 'date_day'] -%}
{% set counted = ['occurrences', 'first_seen_at', 'last_seen_at', 'example_id'] -%}
{% set guessed = "account_source not in ('property', 'group', 'instance', 'top_group')" -%}
{% set findings = {
    'sent': 'is_event',
    'unattributed': 'is_event and external_org_id is null',
    'no_account': 'is_event and external_org_id is null and not names_undefined',
    'group_undefined': 'is_event and names_undefined',
    'group_missing': 'is_event and external_org_id is not null and ' ~ guessed,
    'group_conflict': 'is_event and ('
    ~ 'external_org_id <> smallest_named_account_id or external_org_id <> greatest_named_account_id)',
    'automatic': 'not is_event',
    'without_account': 'external_org_id is null',
    'without_context': 'external_org_id is null or ' ~ guessed,
} -%}
with

names as (

    select * from {{ ref('int_event_names') }}

),

count_calls as (

    -- Calls that say the same are judged once.
    select
        company_id, app_id, event, sent_event, cast(occurred_at as date) as date_day, external_org_id, account_source,
        is_event, context_id, context_from,
        {{ count_and_ends("concat('call:', call_id)") }}
    from {{ ref('int_call_accounts') }}
    group by
        company_id, app_id, event, sent_event, cast(occurred_at as date), external_org_id, account_source,
        is_event, context_id, context_from

),

judge_calls as (

    select
        calls.*,
        coalesce(contexts.names_undefined, false) as names_undefined,
        contexts.smallest_named_account_id,
        contexts.greatest_named_account_id
    from count_calls as calls
    left join {{ ref('int_context_accounts') }} as contexts
        on calls.company_id = contexts.company_id and calls.context_id = contexts.context_id
        and calls.context_from = contexts.valid_from

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
    select {{ event | join(', ') }}, '{{ finding }}' as finding, {{ counted | join(', ') }} from judge_calls
    where {{ condition }}

    union all

    {% endfor -%}
    select {{ event | join(', ') }}, 'group_level_wrong' as finding, {{ count_and_ends("concat('call:', call_id)") }} from judge_levels
    group by {{ event | join(', ') }}

)

select
    {{ event | join(',\n    ') }},
    finding,
    cast(sum(occurrences) as bigint) as occurrences,
    min(first_seen_at) as first_seen_at,
    max(last_seen_at) as last_seen_at,
    {{ newest('example_id', 'last_seen_at') }} as example_id
from list_findings
group by {{ event | join(', ') }}, finding
