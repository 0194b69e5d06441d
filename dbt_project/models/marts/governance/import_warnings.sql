with

warnings as (

    select * from {{ ref('stg_import_warnings') }}

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
from {{ described('warnings', 'display_name') }}
