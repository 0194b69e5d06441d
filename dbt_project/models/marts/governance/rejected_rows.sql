with

rejected_rows as (

    {{ registered_rows('rejected_rows') }}

)

select
    company_id,
    row_id,
    app_id,
    source,
    path,
    line_number,
    reasons,
    raw_text,
    load_id,
    rejected_at,
    resolved_at,
    resolved_at is not null as is_resolved
from rejected_rows
