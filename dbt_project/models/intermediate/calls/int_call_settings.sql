-- One row per call without an account of its own: the groups that its actor's SDK had set, or set next, as of the call.
{% set actor = 'company_id, app_id, actor_hash' -%}
with

calls as (

    select company_id, app_id, call_id, actor_hash, occurred_at from {{ ref('int_usage_calls') }}
    where needs_settings and {{ among(['company_id', 'app_id', 'actor_hash'], ref('int_group_settings')) }}

),

settings as (

    select * from {{ ref('int_group_settings') }}

),

contexts as (

    select * from {{ ref('int_context_accounts') }}

),

passing as (

    select * from {{ ref('int_passing_settings') }}

),

stack_rows as (

    select {{ actor }}, call_id, occurred_at, null as place, 1 as is_call from calls

    union all

    select {{ actor }}, null as call_id, occurred_at, place, 0 as is_call from settings
    where has_always_account

),

find_neighbours as (

    -- At or before the call, and after it.
    select
        *,
        {{ last_known('place') }} over (
            partition by {{ actor }} order by occurred_at, is_call, place
            rows between unbounded preceding and current row
        ) as last_place,
        {{ first_known('place') }} over (
            partition by {{ actor }} order by occurred_at, is_call, place
            rows between current row and unbounded following
        ) as next_place
    from stack_rows

),

choose_places as (

    select
        rows_of_calls.company_id,
        rows_of_calls.app_id,
        rows_of_calls.actor_hash,
        rows_of_calls.call_id,
        rows_of_calls.occurred_at,
        coalesce(
            greatest(
                coalesce(rows_of_calls.last_place, passing.last_place),
                coalesce(passing.last_place, rows_of_calls.last_place)
            ),
            least(
                coalesce(rows_of_calls.next_place, passing.next_place),
                coalesce(passing.next_place, rows_of_calls.next_place)
            )
        ) as place
    from find_neighbours as rows_of_calls
    left join passing
        on rows_of_calls.company_id = passing.company_id and rows_of_calls.app_id = passing.app_id
        and rows_of_calls.call_id = passing.call_id
    where rows_of_calls.is_call = 1

),

choose_settings as (

    select
        calls.company_id,
        calls.app_id,
        calls.call_id,
        calls.occurred_at,
        case when settings.occurred_at <= calls.occurred_at then 'sticky' else 'later' end as source,
        settings.context_id,
        settings.reads_property
    from choose_places as calls
    inner join settings
        on calls.company_id = settings.company_id and calls.app_id = settings.app_id
        and calls.actor_hash = settings.actor_hash and calls.place = settings.place

),

{% set context = {'context_id': 'context_id'} -%}
{{ find_spans('contexts', context, 'choose_settings') }}

select
    calls.company_id,
    calls.app_id,
    calls.call_id,
    calls.source,
    calls.context_id,
    contexts.valid_from as context_from,
    coalesce(case when calls.reads_property then contexts.property_account_id end, contexts.group_account_id) as account_id
from choose_settings as calls
{{ join_spans('contexts', context, 'calls') }}
