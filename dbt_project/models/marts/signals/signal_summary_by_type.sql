with

companies as (

    select * from {{ ref('stg_companies') }}

),

signal_types as (

    select * from {{ ref('signal_types') }}

),

signals as (

    select * from {{ ref('signals') }}
    where app_id = 'all'

),

sum_types as (

    select
        companies.company_id,
        signal_types.signal_type,
        signal_types.name,
        signal_types.is_risk,
        count(signals.external_org_id) as organizations,
        {{ sum_money('signals.mrr') }} as mrr
    from companies
    cross join signal_types
    left join signals
        on companies.company_id = signals.company_id
        and signal_types.signal_type = signals.signal_type
    group by
        companies.company_id,
        signal_types.signal_type,
        signal_types.name,
        signal_types.is_risk

)

select
    company_id,
    reporting_currency,
    signal_type,
    signal_type_label,
    signal_type_order,
    name,
    is_risk,
    organizations,
    mrr,
    {{ as_of_date() }} as as_of_date
from {{ described('sum_types', 'signal_type', 'reporting_currency') }}
