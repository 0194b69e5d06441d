{#-
    What a build is asked to compute again although nothing changed: the dbt variables `rebuild_company` (a company,
    else all) and `rebuild_from` (YYYY-MM-DD, else all days).
-#}
{% macro rebuild_request() -%}
    {%- set company = var('rebuild_company', none) -%}
    {%- set from_day = var('rebuild_from', none) -%}
    {%- if company and not modules.re.match(id_pattern(), company | string) -%}
        {{ exceptions.raise_compiler_error("rebuild_company must be the id of a company, not '" ~ company ~ "'") }}
    {%- endif -%}
    {%- if from_day and not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', from_day | string) -%}
        {{ exceptions.raise_compiler_error("rebuild_from must be a day as YYYY-MM-DD, not '" ~ from_day ~ "'") }}
    {%- endif -%}
    {{ return({'company': company, 'from_day': from_day}) }}
{%- endmacro %}


{#- The first day to compute again of a company whose days begin with `first_day`; null where nothing is asked for. -#}
{% macro rebuilt_from(company_id, first_day) -%}
    {%- set request = rebuild_request() -%}
    {%- if not request.company and not request.from_day -%}
        {{ return('cast(null as date)') }}
    {%- endif -%}
    {%- set condition = company_id ~ " = '" ~ request.company ~ "'" if request.company else 'true' -%}
    {%- set day = "greatest(" ~ first_day ~ ", cast('" ~ request.from_day ~ "' as date))" if request.from_day else first_day -%}
    {{ return('case when ' ~ condition ~ ' then ' ~ day ~ ' end') }}
{%- endmacro %}
