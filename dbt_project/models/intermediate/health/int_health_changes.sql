{% set organization = 'company_id, app_id, external_org_id' -%}
with

health as (

    -- The changes of 30 days, each compared with a day at most 30 days before it.
    select company_id, app_id, external_org_id, date_day, health_score, health_band
    from {{ ref('int_organization_health_daily') }}
    where {{ within_windows('date_day', 2) }}

    union all

    -- Who is seen for the first time had no recent activity before.
    select company_id, app_id, external_org_id, date_day, null as health_score, 'no_recent_activity' as health_band
    from {{ ref('int_days_before_use') }}
    where {{ within_windows('date_day', 2) }}
        and first_event_day is not null

),

look_back as (

    select
        *,
        lag(health_band) over (partition by {{ organization }} order by date_day) as health_band_of_day_before
    from health

),

list_runs as (

    -- Days on which an unbroken run of one band begins, the first day at hand included.
    select
        {{ organization }},
        date_day,
        health_band,
        health_score,
        lag(date_day) over (partition by {{ organization }} order by date_day) as run_before_began_on,
        lag(health_band) over (partition by {{ organization }} order by date_day) as health_band_before,
        lead(date_day) over (partition by {{ organization }} order by date_day) is null as is_current
    from look_back
    where health_band_of_day_before is null or health_band_of_day_before <> health_band

),

choose_days as (

    select
        *,
        greatest(run_before_began_on, {{ add_days('date_day', -window_days()) }}) as compared_on
    from list_runs
    where health_band_before is not null
        and {{ within_windows('date_day') }}

),

add_scores_before as (

    select
        choose_days.company_id,
        choose_days.app_id,
        choose_days.external_org_id,
        choose_days.date_day as changed_on,
        choose_days.compared_on,
        choose_days.health_band_before,
        choose_days.health_band,
        health.health_score as health_score_before,
        choose_days.health_score,
        choose_days.is_current
    from choose_days
    inner join health
        on choose_days.company_id = health.company_id
        and choose_days.app_id = health.app_id
        and choose_days.external_org_id = health.external_org_id
        and choose_days.compared_on = health.date_day

)

select * from add_scores_before
