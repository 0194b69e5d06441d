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

group_organizations as (

    -- An organization counts once, however many of its signals are active.
    select
        signals.company_id,
        signals.external_org_id,
        max(signals.mrr) as mrr,
        max(case when signal_types.is_risk then 1 else 0 end) as has_risk
        {%- for signal_type in signal_types() %},
        max(case when signals.signal_type = '{{ signal_type }}' then 1 else 0 end) as has_{{ signal_type }}
        {%- endfor %}
    from signals
    inner join signal_types on signals.signal_type = signal_types.signal_type
    group by signals.company_id, signals.external_org_id

),

sum_companies as (

    select
        companies.company_id,
        count(organizations.external_org_id) as organizations,
        {{ sum_money('case when organizations.has_risk = 1 then organizations.mrr end') }} as risk_mrr
        {%- for signal_type in signal_types() %},
        count(case when organizations.has_{{ signal_type }} = 1 then 1 end) as {{ signal_type }}_orgs,
        {{ sum_money('case when organizations.has_' ~ signal_type ~ ' = 1 then organizations.mrr end') }}
            as {{ signal_type }}_mrr
        {%- endfor %}
    from companies
    left join group_organizations as organizations
        on companies.company_id = organizations.company_id
    group by companies.company_id

)

select
    company_id,
    organizations,
    risk_mrr
    {%- for signal_type in signal_types() %},
    {{ signal_type }}_orgs,
    {{ signal_type }}_mrr
    {%- endfor %},
    {{ as_of_date() }} as as_of_date
from sum_companies
