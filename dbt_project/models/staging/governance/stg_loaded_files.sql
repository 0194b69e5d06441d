with

loads as (

    {{ registered_rows('loaded_files') }}

),

name_columns as (

    select
        company_id,
        app_id,
        kind,
        path,
        checksum,
        load_id,
        bytes,
        rows_read,
        rows_accepted,
        rows_rejected,
        rows_duplicate,
        modified_at,
        loaded_at
    from loads

)

select * from name_columns
