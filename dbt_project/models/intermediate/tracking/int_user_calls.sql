{{ config(tags=['calls']) }}
-- Users that identify and usage calls know: of applications that count users, whatever account the calls have.
with

calls as (

    select * from {{ ref('stg_calls') }}
    where kind in ('identify', {{ usage_kinds() }}) and sent_hash is not null

),

actors as (

    select * from {{ ref('int_actors') }}

),

applications as (

    select * from {{ ref('stg_applications') }}
    where identity_mode = 'user'

)

select
    calls.company_id,
    coalesce(actors.actor_hash, calls.sent_hash) as user_hash,
    min(case when calls.kind = 'identify' then calls.occurred_at end) as identified_at,
    min(calls.occurred_at) as first_call_at,
    max(calls.occurred_at) as last_call_at
from calls
inner join applications on calls.company_id = applications.company_id and calls.app_id = applications.app_id
left join actors on calls.company_id = actors.company_id and calls.sent_hash = actors.id_hash
group by calls.company_id, coalesce(actors.actor_hash, calls.sent_hash)
