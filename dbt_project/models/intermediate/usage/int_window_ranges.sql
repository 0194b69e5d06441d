{{ config(materialized='ephemeral') }}
{#- The two windows of a day look back on so many days before it. -#}
{% set days_before = 2 * window_days() - 1 -%}
{% set starts = ref('int_organization_starts') -%}
{% set recompute_from = ref('int_recompute_from__this_run') -%}
with

find_ranges as (

    {% if continues_last_build() -%}
    select
        company_id,
        external_org_id,
        {{ add_days('usage_from', -days_before) }} as from_day,
        {{ as_of_date() }} as until_day
    from {{ recompute_from }}
    where usage_from <= {{ as_of_date() }}
    {%- else -%}
    select
        company_id,
        external_org_id,
        min(first_day) as from_day,
        {{ as_of_date() }} as until_day
    from {{ starts }}
    group by company_id, external_org_id
    {%- endif %}

)

select * from find_ranges
