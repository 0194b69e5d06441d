{{ config(tags=['calls']) }}
-- Who is a user, and what is known of it beside its traits.
with

calls as (

    select * from {{ ref('int_user_calls') }}

),

sent_calls as (

    select * from {{ ref('stg_calls') }}
    where user_hash is not null

),

sum_accounts as (

    select
        company_id,
        user_hash,
        count(*) as accounts,
        min(first_seen_at) as first_event_at,
        max(last_seen_at) as last_event_at,
        sum(events_30d) as events_30d
    from {{ ref('int_user_accounts') }}
    group by company_id, user_hash

),

list_user_ids as (

    select company_id, user_hash from sent_calls

    union

    select company_id, user_hash from {{ ref('int_session_events') }}
    where vendor is null

),

find_user_ids as (

    -- Kept where the policy allows it; where an application identifies instances it is no person's.
    select calls.company_id, calls.user_hash, min(calls.user_id) as user_id
    from sent_calls as calls
    inner join {{ ref('stg_applications') }} as applications
        on calls.company_id = applications.company_id and calls.app_id = applications.app_id
    where applications.identity_mode = 'user'
    group by calls.company_id, calls.user_hash

),

find_settings as (

    -- distinct: users whose calls set a group that has an account
    select distinct company_id, actor_hash as user_hash from {{ ref('int_group_settings') }}
    where account_id is not null

),

join_users as (

    select
        coalesce(calls.company_id, sums.company_id) as company_id,
        coalesce(calls.user_hash, sums.user_hash) as user_hash,
        coalesce(sums.accounts, 0) as accounts,
        calls.identified_at,
        least(coalesce(calls.first_call_at, sums.first_event_at), coalesce(sums.first_event_at, calls.first_call_at)) as first_seen_at,
        greatest(coalesce(calls.last_call_at, sums.last_event_at), coalesce(sums.last_event_at, calls.last_call_at)) as last_seen_at,
        cast(coalesce(sums.events_30d, 0) as bigint) as events_30d
    from calls
    full outer join sum_accounts as sums on calls.company_id = sums.company_id and calls.user_hash = sums.user_hash

)

select
    users.*,
    find_user_ids.user_id,
    list_user_ids.user_hash is null as is_anonymous,
    find_settings.user_hash is not null as sets_account
from join_users as users
{%- for name in ['find_user_ids', 'list_user_ids', 'find_settings'] %}
left join {{ name }} on users.company_id = {{ name }}.company_id and users.user_hash = {{ name }}.user_hash
{%- endfor %}
