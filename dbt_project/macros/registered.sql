{#-
    The rows of a raw table whose company is registered. Rows of a company that left stay in `raw`, and nothing is
    built on them: put back into seeds/companies.csv, it is as it was before.
-#}
{% macro registered_rows(table) -%}
    select * from {{ source('raw', table) }}
    where company_id in (select company_id from {{ ref('stg_companies') }})
{%- endmacro %}


{#-
    A condition: companies of which nothing is built in this build, although they are registered, because their rows
    break a model (orchestration/transformation/build_results.py). They come by the environment for the reason of
    `as_of_day`.
-#}
{% macro is_left_out() -%}
    {%- set named = env_var('SAAS_TRACKER_LEFT_OUT_COMPANIES', '') if execute else '' -%}
    company_id in ('{{ named.split(',') | join("', '") }}')
{%- endmacro %}
