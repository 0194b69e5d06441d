with

changes as (

    select * from {{ ref('int_organization_mrr_changes') }}

),

{% if continues_last_build() -%}
last_changes as (

    select * from {{ as_last_built('int_organization_mrr_changes_built') }}

),

compare_changes as (

    select
        coalesce(changes.company_id, last_changes.company_id) as company_id,
        coalesce(changes.date_day, last_changes.date_day) as date_day
    from changes
    full outer join last_changes
        on changes.company_id = last_changes.company_id
        and changes.external_org_id = last_changes.external_org_id
        and changes.date_day = last_changes.date_day
    where coalesce(changes.mrr_change, 0) <> coalesce(last_changes.mrr_change, 0)

    union all

    select company_id, date_day from changes
    where {{ is_to_rebuild('company_id', 'date_day') }}
    {%- if last_as_of_date() < as_of_day() %}

    union all

    -- The new days; the last build's own day too, whose signals were put into words.
    select company_id, cast('{{ last_as_of_date() }}' as date) as date_day from changes
    {%- endif %}

),

find_first_days as (

    select company_id, min(date_day) as from_day
    from compare_changes
    group by company_id

)
{%- else -%}
find_first_days as (

    select company_id, min(date_day) as from_day
    from changes
    group by company_id

)
{%- endif %}

select * from find_first_days
