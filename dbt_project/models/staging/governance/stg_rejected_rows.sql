with

rejected as (

    {{ registered_rows('rejected_rows') }}

),

name_columns as (

    select
        company_id,
        row_id,
        app_id,
        source,
        path,
        reasons,
        raw_text,
        load_id,
        line_number,
        rejected_at,
        resolved_at
    from rejected

)

select * from name_columns
