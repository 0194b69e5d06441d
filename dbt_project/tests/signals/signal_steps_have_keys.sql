{{ config(meta={'dagster': {'ref': {'name': 'int_organization_mrr_daily'}}}) }}
-- Rows of the steps on the way to the marts whose key is null in a part or comes twice.
{{ broken_keys_of({
    'stg_dismissals': ['company_id', 'external_org_id', 'signal_type', 'dismissed_at'],
    'int_organization_mrr_daily': ['company_id', 'external_org_id', 'date_day'],
    'int_constant_rate_mrr': ['company_id', 'external_org_id', 'valid_from'],
    'int_paying_organization_counts': ['company_id', 'valid_from'],
}) }}
