with

event_days as (

    select * from {{ ref('int_organization_event_days') }}

),

organizations as (

    select * from {{ ref('stg_organizations') }}

),

first_mrr_days as (

    select * from {{ ref('int_organization_first_mrr_day') }}

),

find_first_event_days as (

    select
        company_id,
        app_id,
        external_org_id,
        min(date_day) as first_day
    from event_days
    group by company_id, app_id, external_org_id

),

find_company_starts as (

    select
        company_id,
        min(first_day) as first_day
    from find_first_event_days
    group by company_id

),

list_first_days as (

    select company_id, app_id, external_org_id, first_day, first_day as first_event_day
    from find_first_event_days

    union all

    select
        company_id,
        'all' as app_id,
        external_org_id,
        cast(first_imported_at as date) as first_day,
        null as first_event_day
    from organizations

    union all

    select company_id, 'all' as app_id, external_org_id, first_mrr_day as first_day, null as first_event_day
    from first_mrr_days

),

find_starts as (

    select
        list_first_days.company_id,
        list_first_days.app_id,
        list_first_days.external_org_id,
        greatest(
            min(list_first_days.first_day),
            coalesce(min(find_company_starts.first_day), min(list_first_days.first_day))
        ) as first_day,
        min(list_first_days.first_event_day) as first_event_day
    from list_first_days
    left join find_company_starts
        on list_first_days.company_id = find_company_starts.company_id
    group by list_first_days.company_id, list_first_days.app_id, list_first_days.external_org_id

),

keep_started as (

    select
        company_id,
        app_id,
        external_org_id,
        first_day,
        first_event_day
    from find_starts
    where first_day <= {{ as_of_date() }}

)

select * from keep_started
