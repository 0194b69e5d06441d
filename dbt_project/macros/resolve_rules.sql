{#- The rows of a reference table as they hold for each registered company: of the rows with one key the
    company's own wins over the `*` row. One row per company and key. The only place that knows `*`
    (int_feature_rules adds the same for applications). -#}
{% macro resolve_rules(rules, keys, values) %}
with

companies as (

    select company_id from {{ ref('stg_companies') }}

),

rank_candidates as (

    select
        companies.company_id,
        {%- for column in keys + values %}
        rules.{{ column }},
        {%- endfor %}
        row_number() over (
            partition by companies.company_id, rules.{{ keys | join(', rules.') }}
            order by case when rules.company_id = '*' then 1 else 0 end
        ) as preference
    from companies
    inner join {{ rules }} as rules
        on rules.company_id = companies.company_id or rules.company_id = '*'

)

select
    company_id,
    {{ (keys + values) | join(',\n    ') }}
from rank_candidates
where preference = 1
{% endmacro %}
