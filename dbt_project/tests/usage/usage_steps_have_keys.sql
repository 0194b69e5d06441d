{{ config(meta={'dagster': {'ref': {'name': 'int_page_paths'}}}) }}
-- Rows of the steps on the way to the marts whose key is null in a part or comes twice.
{{ broken_keys_of({
    'int_event_paths': ['company_id', 'app_id', 'event', 'path_or_empty'],
    'int_feature_matches': ['company_id', 'app_id', 'event', 'path_or_empty', 'feature_key'],
    'int_feature_scopes': ['company_id', 'app_id', 'feature_key'],
    'int_page_path_rules': ['company_id', 'app_id', 'preference'],
    'int_page_paths': ['company_id', 'app_id', 'path'],
    'int_recompute_from__this_run': ['company_id', 'external_org_id'],
}) }}
