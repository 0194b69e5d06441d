{{ config(meta={'dagster': {'ref': {'name': 'load_audit'}}}) }}
-- Loads of a file that are noted twice: `load_audit` would count their rows twice.
{{ broken_keys('(' ~ registered_rows('loaded_files') ~ ')', ['company_id', 'path', 'checksum', 'load_id']) }}
