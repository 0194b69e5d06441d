{#- The types of the contract; `signal_summary_by_type` has a row for every type there is. -#}
{% set listed_types = ['revenue_at_risk', 'usage_drop', 'inactive_paying', 'expansion_candidate'] -%}
with

companies as (

    select * from {{ ref('stg_companies') }}

),

signals as (

    select * from {{ ref('signals') }}
    where app_id = 'all'

),

signal_types as (

    select * from {{ ref('signal_types') }}

),

summary_by_type as (

    select * from {{ ref('signal_summary_by_type') }}

),

group_organizations as (

    -- An organization counts once, however many of its signals are active.
    select
        signals.company_id,
        signals.external_org_id,
        max(signals.mrr) as mrr,
        max(case when signal_types.is_risk then 1 else 0 end) as has_risk
    from signals
    inner join signal_types on signals.signal_type = signal_types.signal_type
    group by signals.company_id, signals.external_org_id

),

sum_companies as (

    select
        companies.company_id,
        count(organizations.external_org_id) as organizations,
        {{ sum_money('case when organizations.has_risk = 1 then organizations.mrr end') }} as risk_mrr
    from companies
    left join group_organizations as organizations
        on companies.company_id = organizations.company_id
    group by companies.company_id

),

pivot_types as (

    select
        company_id
        {%- for signal_type in listed_types %},
        max(case when signal_type = '{{ signal_type }}' then organizations end) as {{ signal_type }}_orgs,
        max(case when signal_type = '{{ signal_type }}' then mrr end) as {{ signal_type }}_mrr
        {%- endfor %}
    from summary_by_type
    group by company_id

)

select
    sum_companies.company_id,
    sum_companies.reporting_currency,
    sum_companies.organizations,
    sum_companies.risk_mrr
    {%- for signal_type in listed_types %},
    coalesce(pivot_types.{{ signal_type }}_orgs, 0) as {{ signal_type }}_orgs,
    coalesce(pivot_types.{{ signal_type }}_mrr, 0) as {{ signal_type }}_mrr
    {%- endfor %},
    {{ as_of_date() }} as as_of_date
from {{ described('sum_companies', 'reporting_currency') }}
inner join pivot_types on sum_companies.company_id = pivot_types.company_id
