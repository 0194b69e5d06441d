{#-
    The types of signals. Each has a model `int_signal_<type>` that says on which days it holds and how
    severe it is, a row in `seeds/signal_types.csv` and its parameters in `seeds/signal_rules.csv`.
-#}
{% macro signal_types() -%}
    {{ return(['revenue_at_risk', 'usage_drop', 'inactive_paying', 'expansion_candidate']) }}
{%- endmacro %}

{#-
    The parameters of a signal type as one row per company: company_id and a column per parameter.
    Decimals, so that a count compared with 1.3 times another is exact.
-#}
{% macro signal_parameters(signal_type, parameters) -%}
    select
        company_id,
        {%- for parameter in parameters %}
        cast(max(case when parameter = '{{ parameter }}' then value end) as decimal(18, 6)) as {{ parameter }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_signal_rules') }}
    where signal_type = '{{ signal_type }}'
    group by company_id
{%- endmacro %}
