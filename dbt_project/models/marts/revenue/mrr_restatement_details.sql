with

restated_months as (

    select * from {{ ref('int_subscription_restated_months') }}

),

states as (

    select * from {{ ref('int_subscription_import_states') }}

),

add_states as (

    select
        restated_months.*,
        after_import.external_org_id,
        after_import.product_code,
        after_import.source_path as import_path,
        -- What the import changed of the row, with its old and its new value.
        case
            when before_import.subscription_id is null then 'new'
            else {{ described_changes('before_import', 'after_import', [
                'mrr_original', 'currency', 'start_at', 'end_at', 'status'
            ]) }}
        end as what_changed
    from restated_months
    inner join states as after_import
        on restated_months.company_id = after_import.company_id
        and restated_months.subscription_id = after_import.subscription_id
        and restated_months.applied_at = after_import.applied_at
        and after_import.is_after
    left join states as before_import
        on restated_months.company_id = before_import.company_id
        and restated_months.subscription_id = before_import.subscription_id
        and restated_months.applied_at = before_import.applied_at
        and not before_import.is_after

)

select
    company_id,
    month,
    applied_at,
    subscription_id,
    external_org_id,
    display_name,
    reporting_currency,
    product_code,
    import_path,
    what_changed,
    mrr_before,
    mrr_after,
    cast(mrr_after - mrr_before as decimal(18, 2)) as mrr_change
from {{ described('add_states', 'display_name', 'reporting_currency') }}
