with

imports as (

    {{ registered_rows('import_history') }}

)

select
    company_id,
    kind,
    path,
    checksum,
    load_id,
    applied_at,
    rows_new,
    rows_updated,
    rows_unchanged,
    rows_error
from imports
