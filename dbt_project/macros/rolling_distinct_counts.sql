{#- Exact rolling distinct counts at linear cost. An entity that was active on day d counts on d and the n - 1 days
    after it; its active days so form covering intervals: +1 where one opens, -1 on the day after its end.
    The running sum of `delta_<n>d` over a dense run of days is the number of distinct entities of the last n days.
    `active_days` has one row per application, organization, entity and day. Days that this build's windows do not
    reach are left out; the scope `all` is the company: an entity of two applications counts there once. -#}
{% macro rolling_distinct_counts(active_days, entity, windows) %}
ranges as (

    select * from {{ ref('int_window_ranges') }}

),

select_active_days as (

    select active_days.*
    from {{ active_days }} as active_days
    inner join ranges
        on active_days.company_id = ranges.company_id
        and active_days.external_org_id = ranges.external_org_id
        and active_days.date_day between ranges.from_day and ranges.until_day

),

stack_scopes as (

    select company_id, app_id, external_org_id, {{ entity }}, date_day
    from select_active_days

    union all

    -- distinct: by application an entity has several rows
    select distinct company_id, 'all' as app_id, external_org_id, {{ entity }}, date_day
    from select_active_days

),

find_neighbours as (

    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        lag(date_day) over (
            partition by company_id, app_id, external_org_id, {{ entity }} order by date_day
        ) as previous_day,
        lead(date_day) over (
            partition by company_id, app_id, external_org_id, {{ entity }} order by date_day
        ) as next_day
    from stack_scopes

),

open_and_close as (

    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        1 as entities,
        {%- for days in windows %}
        case
            when previous_day is null or {{ dbt.datediff('previous_day', 'date_day', 'day') }} >= {{ days }} then 1
            else 0
        end as delta_{{ days }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from find_neighbours
    {%- for days in windows %}

    union all

    select
        company_id,
        app_id,
        external_org_id,
        {{ add_days('date_day', days) }} as date_day,
        0 as entities,
        {%- for other in windows %}
        {{ -1 if other == days else 0 }} as delta_{{ other }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from find_neighbours
    where next_day is null or {{ dbt.datediff('date_day', 'next_day', 'day') }} >= {{ days }}
    {%- endfor %}

),

sum_by_day as (

    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        sum(entities) as entities,
        {%- for days in windows %}
        sum(delta_{{ days }}d) as delta_{{ days }}d{{ ',' if not loop.last }}
        {%- endfor %}
    from open_and_close
    group by company_id, app_id, external_org_id, date_day

)
{% endmacro %}
