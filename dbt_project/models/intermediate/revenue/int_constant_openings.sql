with

original_changes as (

    select * from {{ ref('int_organization_original_changes') }}
    where closing_original > 0

),

rates as (

    select * from {{ ref('int_exchange_rates_monthly') }}

),

churned_organizations as (

    select * from {{ ref('int_organization_months') }}
    where opening_mrr > 0 and mrr = 0

),

revalue_openings as (

    -- Per organization and currency, as the movements are: so no contraction is larger than what it is taken from.
    select
        original_changes.company_id,
        original_changes.external_org_id,
        rates.month,
        {{ convert_amount(
            'original_changes.closing_original', 'rates.currency_units', 'rates.reporting_units'
        ) }} as opening_constant
    from original_changes
    inner join rates
        on original_changes.company_id = rates.company_id
        and original_changes.currency = rates.currency
        and original_changes.month < rates.month
        and coalesce(original_changes.next_month, {{ as_of_date() }}) >= rates.month

),

sum_openings as (

    select
        openings.company_id,
        openings.month,
        {{ sum_money('openings.opening_constant') }} as opening_constant,
        {{ sum_money('case when churned.mrr = 0 then openings.opening_constant end') }} as churn_constant
    from revalue_openings as openings
    left join churned_organizations as churned
        on openings.company_id = churned.company_id
        and openings.external_org_id = churned.external_org_id
        and openings.month = churned.month
    group by openings.company_id, openings.month

)

select * from sum_openings
