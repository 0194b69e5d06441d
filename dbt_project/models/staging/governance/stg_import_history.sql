with

imports as (

    {{ registered_rows('import_history') }}

),

name_columns as (

    select
        company_id,
        kind,
        path,
        checksum,
        load_id,
        rows_new,
        rows_updated,
        rows_unchanged,
        rows_error,
        applied_at
    from imports

)

select * from name_columns
