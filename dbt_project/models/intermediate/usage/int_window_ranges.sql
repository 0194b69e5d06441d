{#- The windows of a day look back on the 59 days before it. -#}
{% set days_before = 59 -%}
{% set starts = ref('int_organization_starts') -%}
{% set stale_days = ref('int_stale_organization_days') -%}
with

find_ranges as (

    {% if continues_last_build() -%}
    select
        company_id,
        external_org_id,
        {{ add_days('min(date_day)', -days_before) }} as from_day,
        max(date_day) as until_day
    from {{ stale_days }}
    group by company_id, external_org_id
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
