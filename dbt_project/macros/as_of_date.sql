{#- D, the day the marts describe, as a date literal. The only place that asks the clock (UTC). -#}
{% macro as_of_date() -%}
    {%- set day = var('as_of_date', none) or run_started_at.strftime('%Y-%m-%d') -%}
    {%- if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', day | string) -%}
        {{ exceptions.raise_compiler_error("as_of_date must be a day as YYYY-MM-DD, not '" ~ day ~ "'") }}
    {%- endif -%}
    cast('{{ day }}' as date)
{%- endmacro %}
