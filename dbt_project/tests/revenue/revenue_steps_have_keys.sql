{{ config(meta={'dagster': {'ref': {'name': 'int_organization_months'}}}) }}
-- Rows of the steps on the way to the marts whose key is null in a part or comes twice.
{{ broken_keys_of({
    'stg_subscription_versions': ['company_id', 'subscription_id', 'version_number'],
    'int_subscription_status_intervals': ['company_id', 'subscription_id', 'valid_from'],
    'int_subscription_active_intervals': ['company_id', 'subscription_id', 'active_from'],
    'int_subscription_mrr_intervals': ['company_id', 'subscription_id', 'valid_from'],
    'int_subscription_month_runs': ['company_id', 'subscription_id', 'first_month'],
    'int_subscription_import_states': ['company_id', 'subscription_id', 'applied_at', 'is_after'],
    'int_subscription_restated_months': ['company_id', 'subscription_id', 'applied_at', 'month'],
    'int_exchange_rate_periods': ['company_id', 'currency', 'valid_from'],
    'int_organization_months': ['company_id', 'external_org_id', 'month'],
    'int_organization_original_changes': ['company_id', 'external_org_id', 'currency', 'month'],
    'int_constant_openings': ['company_id', 'month'],
}) }}
