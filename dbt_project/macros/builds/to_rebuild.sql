{#-
    What a build is asked to compute again although nothing changed: the dbt variables `rebuild_company` (a company,
    else all) and `rebuild_from` (YYYY-MM-DD, else all days), and whole companies that the orchestrator names in
    SAAS_TRACKER_REBUILD_COMPANIES. The latter come by the environment for the reason of `as_of_day`.
-#}
{% macro rebuild_request() -%}
    {%- set company = var('rebuild_company', none) -%}
    {%- set from_day = var('rebuild_from', none) -%}
    {%- set named = env_var('SAAS_TRACKER_REBUILD_COMPANIES', '') if execute else '' -%}
    {%- set companies = named.split(',') | select | list -%}
    {%- for id in companies + ([company] if company else []) if not modules.re.match('^[a-z0-9][a-z0-9_-]{0,62}$', id | string) -%}
        {{ exceptions.raise_compiler_error("the company to rebuild must be the id of a company, not '" ~ id ~ "'") }}
    {%- endfor -%}
    {%- if from_day and not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', from_day | string) -%}
        {{ exceptions.raise_compiler_error("rebuild_from must be a day as YYYY-MM-DD, not '" ~ from_day ~ "'") }}
    {%- endif -%}
    {{ return({'company': company, 'from_day': from_day, 'companies': companies}) }}
{%- endmacro %}


{#- The first day to compute again of a company whose days begin with `first_day`; null where nothing is asked for. -#}
{% macro rebuilt_from(company_id, first_day) -%}
    {%- set request = rebuild_request() -%}
    {%- set cases = [] -%}
    {%- if request.companies -%}
        {%- do cases.append("when " ~ company_id ~ " in ('" ~ request.companies | join("', '") ~ "') then " ~ first_day) -%}
    {%- endif -%}
    {%- if request.company or request.from_day -%}
        {%- set condition = company_id ~ " = '" ~ request.company ~ "'" if request.company else 'true' -%}
        {%- set day = "greatest(" ~ first_day ~ ", cast('" ~ request.from_day ~ "' as date))" if request.from_day else first_day -%}
        {%- do cases.append('when ' ~ condition ~ ' then ' ~ day) -%}
    {%- endif -%}
    {{ return('case ' ~ cases | join(' ') ~ ' end' if cases else 'cast(null as date)') }}
{%- endmacro %}
