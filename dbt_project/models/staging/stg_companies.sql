select
    company_id,
    coalesce(name, company_id) as name,
    plan,
    reporting_currency,
    date_order
from {{ ref('companies') }}
where not {{ is_left_out() }}
