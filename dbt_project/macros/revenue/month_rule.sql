{#- The project variable `mrr_month_rule`: when a subscription counts in a month (docs/metrics.md, "Month value").
    Every table of months follows it; figures "on D" do not. -#}
{% macro mrr_month_rule() -%}
    {%- set rules = ['month_end', 'any_day_in_month'] -%}
    {%- set rule = var('mrr_month_rule') -%}
    {%- if rule not in rules -%}
        {{ exceptions.raise_compiler_error(
            "the variable mrr_month_rule is '" ~ rule ~ "'; set it to " ~ rules | join(' or ') ~ " (dbt_project.yml)"
        ) }}
    {%- endif -%}
    {{ return(rule) }}
{%- endmacro %}


{#- The last month, as its first day, that a period of counting days counts in. The period ends by D. -#}
{% macro last_month_counted(last_day) -%}
    {%- if mrr_month_rule() == 'month_end' -%}
    case
        when {{ last_day }} in ({{ month_end(last_day) }}, {{ as_of_date() }}) then {{ start_of('month', last_day) }}
        else {{ add_months(start_of('month', last_day), -1) }}
    end
    {%- else -%}
    {{ start_of('month', last_day) }}
    {%- endif -%}
{%- endmacro %}
