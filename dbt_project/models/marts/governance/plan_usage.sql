with

companies as (

    select * from {{ ref('stg_companies') }}

),

plans as (

    select * from {{ ref('plans') }}

),

applications as (

    select * from {{ ref('stg_applications') }}

),

event_days as (

    select * from {{ ref('int_organization_event_days') }}
    where app_id = 'all'

),

count_applications as (

    select company_id, count(*) as applications
    from applications
    group by company_id

),

count_events as (

    select
        company_id,
        {{ start_of('month', 'date_day') }} as month,
        sum(events) as events
    from event_days
    group by company_id, {{ start_of('month', 'date_day') }}

),

find_first_months as (

    -- A company without events has the row of the current month.
    select
        companies.company_id,
        coalesce(min(count_events.month), {{ start_of('month', as_of_date()) }}) as first_month
    from companies
    left join count_events on companies.company_id = count_events.company_id
    group by companies.company_id

),

list_months as (

    select
        company_id,
        {{ month_rows('first_month', start_of('month', as_of_date())) }} as month
    from find_first_months

),

compare_with_limits as (

    select
        list_months.company_id,
        list_months.month,
        companies.plan,
        cast(coalesce(count_events.events, 0) as bigint) as events,
        plans.events_limit,
        coalesce(count_applications.applications, 0) as applications,
        plans.applications_limit
    from list_months
    inner join companies on list_months.company_id = companies.company_id
    left join plans on companies.plan = plans.plan
    left join count_applications on companies.company_id = count_applications.company_id
    left join count_events
        on list_months.company_id = count_events.company_id
        and list_months.month = count_events.month

)

select
    company_id,
    month,
    plan,
    events,
    events_limit,
    {{ ratio('events', 'events_limit') }} as events_share,
    coalesce(events > events_limit, false) as is_over_limit,
    applications,
    applications_limit
from compare_with_limits
