with

starts as (

    select * from {{ ref('int_organization_starts') }}

),

stored_starts as (

    {% if continues_last_build() -%}
    select company_id, app_id, external_org_id, min(date_day) as first_day
    from {{ as_last_built('organization_metrics_daily') }}
    group by company_id, app_id, external_org_id
    {%- else -%}
    -- To a build from scratch nothing has moved.
    select * from starts
    {%- endif %}

),

find_moves as (

    -- The days gained or lost at the beginning; all of them where there is no beginning any more, or was none.
    select
        coalesce(starts.company_id, stored_starts.company_id) as company_id,
        coalesce(starts.app_id, stored_starts.app_id) as app_id,
        coalesce(starts.external_org_id, stored_starts.external_org_id) as external_org_id,
        least(
            coalesce(starts.first_day, stored_starts.first_day), coalesce(stored_starts.first_day, starts.first_day)
        ) as from_day,
        case
            when starts.first_day is null or stored_starts.first_day is null then {{ as_of_date() }}
            else {{ add_days('greatest(starts.first_day, stored_starts.first_day)', -1) }}
        end as until_day
    from starts
    full outer join stored_starts
        on starts.company_id = stored_starts.company_id
        and starts.app_id = stored_starts.app_id
        and starts.external_org_id = stored_starts.external_org_id
    where
        starts.first_day is null
        or stored_starts.first_day is null
        or starts.first_day <> stored_starts.first_day

)

select * from find_moves
