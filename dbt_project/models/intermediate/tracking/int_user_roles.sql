{{ config(tags=['calls']) }}
{% set pair = 'company_id, user_hash, external_org_id' -%}
{% set statement_order = 'occurred_at, received_at, statement_id' -%}
-- A call says a user's role in the account that it names or, where it names none, in all of the user's accounts.
with

calls as (

    select
        *,
        {{ json_text('traits', '$.set.role') }} as role,
        {{ trait_id(json_text('traits', '$.set.account_id')) }} as named_id
    from {{ ref('stg_calls') }}
    where kind = 'identify' and {{ json_text('traits', '$.set.role') }} is not null

),

actors as (

    select * from {{ ref('int_actors') }}

),

contexts as (

    select * from {{ ref('int_context_accounts') }}

),

chains as (

    select * from {{ ref('int_group_chains') }}

),

{% set group, context = {'group_id': 'named_id'}, {'context_id': 'context_id'} -%}
{{ find_spans('chains', group, 'calls') }},

{{ find_spans('contexts', context, 'calls') }},

find_accounts as (

    select
        calls.company_id,
        coalesce(actors.actor_hash, calls.sent_hash) as user_hash,
        calls.named_id is null and calls.context_id is null as is_everywhere,
        chains.account_id as named_account_id,
        contexts.group_account_id,
        calls.role,
        calls.occurred_at,
        calls.received_at,
        concat('call:', calls.call_id) as statement_id
    from calls
    left join actors on calls.company_id = actors.company_id and calls.sent_hash = actors.id_hash
    {{ join_spans('chains', group, 'calls') }}
    {{ join_spans('contexts', context, 'calls') }}

),

list_statements as (

    select
        pairs.company_id, pairs.user_hash, pairs.external_org_id,
        found.role, found.occurred_at, found.received_at, found.statement_id
    from {{ ref('int_user_accounts') }} as pairs
    inner join find_accounts as found
        on pairs.company_id = found.company_id and pairs.user_hash = found.user_hash
        and (
            found.is_everywhere
            or pairs.external_org_id = found.named_account_id
            or pairs.external_org_id = found.group_account_id
        )

    union all

    select
        {{ pair }}, {{ json_text('role', '$') }} as role, occurred_at, received_at, event_id as statement_id
    from {{ ref('int_lifecycle_events') }}
    where event = 'user.joined' and role is not null

),

keep_moments as (

    -- Of one moment the last statement counts.
    select * from (
        select
            *,
            lead(occurred_at) over (partition by {{ pair }} order by {{ statement_order }}) as next_at
        from list_statements
    ) as statements_in_order
    where next_at is distinct from occurred_at

),

keep_changes as (

    select * from (
        select
            *,
            lag(role) over (partition by {{ pair }} order by occurred_at) as earlier_role
        from keep_moments
    ) as statements_of_moments
    where role is distinct from earlier_role

)

select
    {{ pair }},
    role,
    {{ name_key('role') }} as role_key,
    case
        when row_number() over (partition by {{ pair }} order by occurred_at) = 1 then {{ beginning() }}
        else occurred_at
    end as valid_from,
    lead(occurred_at, 1, {{ end_of_time() }}) over (partition by {{ pair }} order by occurred_at) as valid_to
from keep_changes
