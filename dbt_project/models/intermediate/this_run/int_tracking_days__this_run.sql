{#- Days whose events are held against the tracking plan in this build, and whose ids are counted. -#}
{% set keys = ['company_id', 'app_id', 'date_day'] | join(', ') -%}
-- depends_on: {{ ref('int_call_days') }}
with

list_days as (

    select {{ keys }} from {{ ref('int_recompute_days__this_run') }}

    union

    select {{ keys }} from {{ ref('int_organization_event_days') }}
    where app_id <> 'all' and company_id in ({{ companies_with_other('tracking') }})
    {%- if reads_calls() %}

    union

    select {{ keys }} from {{ ref('int_call_days') }}
    where
        built_in = {{ build_number() }} or replaced_in = {{ build_number() }}
        or company_id in ({{ companies_with_other('tracking') }})
    {%- endif %}

)

select {{ keys }} from list_days
where {{ continues_last_build() | lower }}
