{#-
    The rows of a raw table whose company is registered. Those of a company that left stay in `raw`, and nothing is
    built on them: put back into seeds/companies.csv, it is as it was before.
-#}
{% macro registered_rows(table) -%}
    select * from {{ source('raw', table) }}
    where company_id in (select company_id from {{ ref('stg_companies') }})
{%- endmacro %}
