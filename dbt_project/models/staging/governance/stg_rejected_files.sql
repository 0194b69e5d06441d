with

files as (

    {{ registered_rows('rejected_files') }}

),

name_columns as (

    select
        company_id,
        path,
        checksum,
        reason,
        detail,
        load_id,
        bytes,
        modified_at,
        rejected_at
    from files

)

select * from name_columns
