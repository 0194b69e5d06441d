with

warnings as (

    {{ registered_rows('import_warnings') }}

),

rank_repetitions as (

    -- A row that is tried again in the load of its file's next version, or a clock that stands still.
    select
        *,
        row_number() over (
            partition by company_id, path, applied_at, warning, line_number
            order by load_id desc, kind, external_org_id, product_code, detail
        ) as position_of_key
    from warnings

)

select
    company_id,
    kind,
    path,
    warning,
    external_org_id,
    display_name,
    product_code,
    detail,
    load_id,
    line_number,
    applied_at
from {{ described('rank_repetitions', 'display_name') }}
where position_of_key = 1
