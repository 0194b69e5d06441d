with

months as (

    select * from {{ ref('int_closed_months') }}

),

versions as (

    select * from {{ ref('stg_subscription_versions') }}

),

status_intervals as (

    select * from {{ ref('int_subscription_status_intervals') }}

),

rate_periods as (

    select * from {{ ref('int_exchange_rate_periods') }}

),

find_replacements as (

    select
        *,
        lead(valid_from) over (partition by company_id, subscription_id order by version_number)
            as replaced_at
    from versions

),

list_active_months as (

    -- The status on a day in the past is not changed by a later version (only its dates are), so
    -- one history of statuses serves every version.
    select
        versions.company_id,
        versions.subscription_id,
        versions.version_number,
        versions.currency,
        versions.mrr_original,
        versions.valid_from as applied_at,
        versions.replaced_at,
        months.month,
        months.last_day
    from find_replacements as versions
    inner join months
        on versions.company_id = months.company_id
        and months.last_day between versions.start_at and coalesce(versions.end_at, {{ far_future() }})
    inner join status_intervals
        on versions.company_id = status_intervals.company_id
        and versions.subscription_id = status_intervals.subscription_id
        and months.last_day between status_intervals.valid_from and status_intervals.valid_to
    where status_intervals.status = 'active'
        or (status_intervals.status = 'canceled' and versions.end_at is not null)

),

convert_amounts as (

    select
        list_active_months.company_id,
        list_active_months.subscription_id,
        list_active_months.version_number,
        list_active_months.month,
        list_active_months.last_day,
        list_active_months.applied_at,
        list_active_months.replaced_at,
        {{ convert_amount(
            'list_active_months.mrr_original',
            'rate_periods.currency_units',
            'rate_periods.reporting_units'
        ) }} as mrr
    from list_active_months
    inner join rate_periods
        on list_active_months.company_id = rate_periods.company_id
        and list_active_months.currency = rate_periods.currency
        and list_active_months.last_day between rate_periods.valid_from and rate_periods.valid_to

)

select * from convert_amounts
