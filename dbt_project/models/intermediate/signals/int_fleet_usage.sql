{{ config(materialized='incremental', pre_hook="{{ delete_from_day_on('signals', ['company_id']) }}") }}
with

metrics as (

    select metrics.*
    from {{ ref('int_organization_metrics_daily') }} as metrics
    {{ only_recomputed('signals', 'metrics', ['company_id']) }}

),

list_organization_days as (

    select company_id, app_id, date_day, events_30d, events_previous_30d from metrics

    union all

    -- A company without any event has days, too.
    select days.company_id, days.app_id, days.date_day, 0 as events_30d, 0 as events_previous_30d
    from {{ ref('int_days_before_use') }} as days
    {{ only_recomputed('signals', 'days', ['company_id']) }}
    where days.company_id not in (select metrics.company_id from metrics)

),

rules as (

    select
        company_id,
        greatest(max(case when parameter = 'min_previous_events' then value end), 1) as min_previous_events,
        coalesce(max(case when parameter = 'fleet_min_organizations' then value end), 10) as min_organizations
    from {{ ref('stg_signal_rules') }}
    where signal_type = 'usage_drop'
    group by company_id

),

measure_days as (

    select
        metrics.company_id,
        metrics.app_id,
        metrics.date_day,
        rules.min_organizations,
        count(case when metrics.events_previous_30d >= rules.min_previous_events then 1 end) as organizations,
        median(
            case
                when metrics.events_previous_30d >= rules.min_previous_events
                    then {{ ratio('metrics.events_30d', 'metrics.events_previous_30d') }}
            end
        ) as median_usage_ratio
    from list_organization_days as metrics
    inner join rules on metrics.company_id = rules.company_id
    group by metrics.company_id, metrics.app_id, metrics.date_day, rules.min_organizations

),

leave_out_few as (

    select
        company_id,
        app_id,
        date_day,
        organizations,
        case when organizations >= min_organizations then median_usage_ratio end as median_usage_ratio
    from measure_days

),

bound_ratios as (

    -- Half and double are as far as the customers as a whole excuse one of them.
    select
        *,
        case when median_usage_ratio is null then 1e0 else least(greatest(median_usage_ratio, 0.5), 2) end
            as fleet_ratio
    from leave_out_few

)

select * from bound_ratios
