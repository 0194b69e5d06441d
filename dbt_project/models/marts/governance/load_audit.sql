with

loads as (

    {{ registered_rows('loaded_files') }}

),

sum_loads_of_a_content as (

    -- A content that comes back after the file held another one is read again.
    select
        company_id,
        path,
        checksum,
        max(app_id) as app_id,
        max(kind) as kind,
        count(*) as loads,
        max(bytes) as bytes,
        sum(rows_read) as rows_read,
        sum(rows_accepted) as rows_accepted,
        sum(rows_rejected) as rows_rejected,
        sum(rows_duplicate) as rows_duplicate,
        max(modified_at) as modified_at,
        min(loaded_at) as first_loaded_at,
        max(loaded_at) as last_loaded_at
    from loads
    group by company_id, path, checksum

)

select
    company_id,
    path,
    checksum,
    app_id,
    kind,
    loads,
    bytes,
    cast(rows_read as bigint) as rows_read,
    cast(rows_accepted as bigint) as rows_accepted,
    cast(rows_rejected as bigint) as rows_rejected,
    cast(rows_duplicate as bigint) as rows_duplicate,
    modified_at,
    first_loaded_at,
    last_loaded_at
from sum_loads_of_a_content
