{#- A table: several models read it, and comparing names takes longer than writing them. -#}
{{ config(materialized='table') }}
-- What is planned of an event's properties: a company's own rows win over those for all, then an application's own do.
{% set rules = ['property', 'type', 'is_required', 'rule', 'allowed_values', 'also_sent_as'] -%}
{% set planned = (['company_id', 'app_id', 'event_key'] + rules) | join(', ') -%}
with

applications as (

    select * from {{ ref('stg_applications') }}

),

rank_candidates as (

    select
        plan.{{ rules | join(', plan.') }},
        applications.company_id, applications.app_id, {{ name_key('plan.event') }} as event_key,
        row_number() over (
            partition by applications.company_id, applications.app_id, {{ name_key('plan.event') }}, plan.property
            order by case when plan.company_id = '*' then 1 else 0 end, case when plan.app_id = '*' then 1 else 0 end
        ) as preference
    from applications
    inner join {{ ref('tracking_plan_properties') }} as plan
        on plan.company_id in (applications.company_id, '*') and plan.app_id in (applications.app_id, '*')

),

list_names as (

    select {{ planned }}, property as name from rank_candidates
    where preference = 1
    union all
    select {{ planned }}, {{ split_rows('also_sent_as', '|') }} as name from rank_candidates
    where preference = 1 and also_sent_as is not null

)

-- distinct: names of one row may have one key
select distinct {{ planned }}, {{ name_key('name') }} as name_key from list_names
