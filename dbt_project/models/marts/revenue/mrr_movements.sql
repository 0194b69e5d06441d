with

organization_months as (

    select * from {{ ref('int_organization_months') }}

),

original_changes as (

    select * from {{ ref('int_organization_original_changes') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_monthly') }}

),

convert_changes as (

    -- Each currency's change is rounded by itself, at the rates of the month it happened in.
    select
        original_changes.company_id,
        original_changes.external_org_id,
        original_changes.month,
        {{ sum_money(convert_amount(
            'original_changes.original_change', 'rates.currency_units', 'rates.reporting_units'
        )) }} as mrr_change
    from original_changes
    inner join rates
        on original_changes.company_id = rates.company_id
        and original_changes.month = rates.month
        and original_changes.currency = rates.currency
    group by original_changes.company_id, original_changes.external_org_id, original_changes.month

),

compare_months as (

    select
        organization_months.company_id,
        organization_months.external_org_id,
        organization_months.month,
        organization_months.opening_mrr > 0 and organization_months.mrr > 0 as pays_on,
        case
            when organization_months.mrr = 0 then 'churn'
            when organization_months.month = organization_months.first_paid_month then 'new'
            else 'reactivation'
        end as whole_movement,
        organization_months.mrr - organization_months.opening_mrr as mrr_change,
        coalesce(convert_changes.mrr_change, cast(0 as decimal(18, 2))) as change_without_rates
    from organization_months
    left join convert_changes
        on organization_months.company_id = convert_changes.company_id
        and organization_months.external_org_id = convert_changes.external_org_id
        and organization_months.month = convert_changes.month

),

split_changes as (

    select company_id, external_org_id, month, whole_movement as movement, mrr_change as amount
    from compare_months
    where not pays_on

    union all

    select
        company_id,
        external_org_id,
        month,
        case when change_without_rates > 0 then 'expansion' else 'contraction' end as movement,
        change_without_rates as amount
    from compare_months
    where pays_on

    union all

    select company_id, external_org_id, month, 'fx' as movement, mrr_change - change_without_rates as amount
    from compare_months
    where pays_on

)

select
    company_id,
    external_org_id,
    display_name,
    month,
    reporting_currency,
    movement,
    {{ label_and_order('movement') }},
    cast(amount as decimal(18, 2)) as amount
from {{ described('split_changes', 'display_name', 'reporting_currency') }}
where amount <> 0
