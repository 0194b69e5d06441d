{#- A table: several models read it, and comparing names takes longer than writing them. -#}
{{ config(materialized='table') }}
-- What is planned for an application: a company's own rows win over those for all, then an application's own do.
{% set planned = ['company_id', 'app_id', 'event', 'category', 'group_level', 'requirement', 'also_sent_as'] | join(', ') -%}
with

applications as (

    select * from {{ ref('stg_applications') }}

),

rank_candidates as (

    select
        plan.event, plan.category, plan.group_level, plan.requirement, plan.also_sent_as, applications.company_id, applications.app_id,
        row_number() over (
            partition by applications.company_id, applications.app_id, {{ name_key('plan.event') }}
            order by case when plan.company_id = '*' then 1 else 0 end, case when plan.app_id = '*' then 1 else 0 end
        ) as preference
    from applications
    inner join {{ ref('tracking_plan') }} as plan
        on plan.company_id in (applications.company_id, '*') and plan.app_id in (applications.app_id, '*')

),

list_names as (

    select {{ planned }}, event as name from rank_candidates
    where preference = 1
    union all
    select {{ planned }}, {{ split_rows('also_sent_as', '|') }} as name from rank_candidates
    where preference = 1 and also_sent_as is not null

)

-- distinct: names of one row may have one key
select distinct
    company_id, app_id, {{ name_key('name') }} as name_key, event, category, {{ name_key('group_level') }} as group_level,
    requirement, also_sent_as
from list_names
