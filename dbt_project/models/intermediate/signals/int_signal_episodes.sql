with

signal_days as (

    select * from {{ ref('int_signal_days') }}

),

number_days as (

    select
        company_id,
        app_id,
        external_org_id,
        signal_type,
        date_day,
        severity,
        mrr,
        cast(
            row_number() over (
                partition by company_id, app_id, external_org_id, signal_type
                order by date_day
            ) as integer
        ) as day_number
    from signal_days

),

find_islands as (

    -- Consecutive days minus their number give one day: the island they form.
    select
        *,
        {{ add_days('date_day', '-day_number') }} as island
    from number_days

),

form_episodes as (

    select
        company_id,
        app_id,
        external_org_id,
        signal_type,
        min(date_day) as opened_on,
        max(date_day) as last_held_on,
        count(*) as days_held,
        max(severity) as peak_severity,
        {{ first_by('mrr', 'date_day') }} as mrr_at_open
    from find_islands
    group by company_id, app_id, external_org_id, signal_type, island

)

select * from form_episodes
