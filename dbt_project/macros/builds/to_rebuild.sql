{#-
    What a build is asked to make anew although nothing changed: dbt variables `rebuild_company` (a company, else all)
    and `rebuild_from` (YYYY-MM-DD, else all days). A condition; false where neither is given.
-#}
{% macro is_to_rebuild(company_id, day) -%}
    {%- set company = var('rebuild_company', none) -%}
    {%- set from_day = var('rebuild_from', none) -%}
    {%- if company and not modules.re.match('^[a-z0-9][a-z0-9_-]{0,62}$', company | string) -%}
        {{ exceptions.raise_compiler_error("rebuild_company must be the id of a company, not '" ~ company ~ "'") }}
    {%- endif -%}
    {%- if from_day and not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', from_day | string) -%}
        {{ exceptions.raise_compiler_error("rebuild_from must be a day as YYYY-MM-DD, not '" ~ from_day ~ "'") }}
    {%- endif -%}
    {%- set conditions = [] -%}
    {%- if company -%}{%- do conditions.append(company_id ~ " = '" ~ company ~ "'") -%}{%- endif -%}
    {%- if from_day -%}{%- do conditions.append(day ~ " >= cast('" ~ from_day ~ "' as date)") -%}{%- endif -%}
    {{ return(conditions | join(' and ') or 'false') }}
{%- endmacro %}


{#- The later of a first day and `rebuild_from`. -#}
{% macro rebuilt_from(first_day) -%}
    {%- set from_day = var('rebuild_from', none) -%}
    {{ return("greatest(" ~ first_day ~ ", cast('" ~ from_day ~ "' as date))" if from_day else first_day) }}
{%- endmacro %}
