with

months as (

    select * from {{ ref('int_known_months') }}

),

active_intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}

),

find_first_months as (

    select
        company_id,
        {{ start_of('month', 'min(active_from)') }} as first_month
    from active_intervals
    group by company_id

),

keep_counting_months as (

    select months.*
    from months
    inner join find_first_months on months.company_id = find_first_months.company_id
    where months.month >= find_first_months.first_month

)

select * from keep_counting_months
