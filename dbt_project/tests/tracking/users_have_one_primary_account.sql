{{ config(tags=['calls'], meta={'dagster': {'ref': {'name': 'user_accounts'}}}) }}
-- Users without exactly one primary account, or whose accounts are not as many as `users` says; companies of whose
-- applications that count users not every event is one of a user in an account.
with

pairs as (

    select * from {{ ref('user_accounts') }}

),

companies as (

    -- distinct: those that send calls
    select distinct company_id from {{ ref('stg_calls') }}

),

count_primary as (

    select company_id, user_hash, count(case when is_primary then 1 end) as primary_accounts, count(*) as accounts from pairs
    group by company_id, user_hash

),

count_events as (

    select events.company_id, count(*) as events
    from {{ ref('events') }} as events
    inner join companies on events.company_id = companies.company_id
    inner join {{ ref('stg_applications') }} as applications
        on events.company_id = applications.company_id and events.app_id = applications.app_id
        and applications.identity_mode = 'user'
    group by events.company_id

),

sum_events as (

    select company_id, sum(events) as events from pairs
    group by company_id

)

select users.company_id, users.user_hash as row_key
from {{ ref('users') }} as users
left join count_primary on users.company_id = count_primary.company_id and users.user_hash = count_primary.user_hash
where users.accounts <> coalesce(count_primary.accounts, 0) or coalesce(count_primary.primary_accounts, 1) <> 1

union all

select coalesce(sums.company_id, count_events.company_id) as company_id, 'events' as row_key
from sum_events as sums
full outer join count_events on sums.company_id = count_events.company_id
where coalesce(sums.events, 0) <> coalesce(count_events.events, 0)
