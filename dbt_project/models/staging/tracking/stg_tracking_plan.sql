-- What is planned for an application: its own rows win over those for all, as a company's own do.
with

plan as (

    select * from {{ ref('tracking_plan') }}

),

applications as (

    select * from {{ ref('stg_applications') }}

),

rank_candidates as (

    select
        applications.company_id,
        applications.app_id,
        plan.event,
        plan.group_level,
        plan.also_sent_as,
        row_number() over (
            partition by applications.company_id, applications.app_id, {{ name_key('plan.event') }}
            order by case when plan.company_id = '*' then 1 else 0 end, case when plan.app_id = '*' then 1 else 0 end
        ) as preference
    from applications
    inner join plan
        on plan.company_id in (applications.company_id, '*')
        and plan.app_id in (applications.app_id, '*')

),

list_names as (

    select company_id, app_id, event, group_level, event as name from rank_candidates
    where preference = 1

    union all

    select company_id, app_id, event, group_level, {{ split_rows('also_sent_as', '|') }} as name from rank_candidates
    where preference = 1 and also_sent_as is not null

)

select company_id, app_id, {{ name_key('name') }} as name_key, event, {{ name_key('group_level') }} as group_level
from list_names
