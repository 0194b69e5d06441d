{#-
    D, the day the marts describe, as YYYY-MM-DD: the variable `as_of_date`, else the day that the
    orchestrator hands over, else the day of the marts that are there (dbt by hand, perhaps after
    midnight), else today. The only place that asks the clock (UTC).

    The orchestrator's day comes by the environment, and is read only when a model is built: dbt
    parses the whole project again (10 s) where a variable, or what was read while parsing, differs.
-#}
{% macro as_of_day() -%}
    {%- set day = var('as_of_date', none) -%}
    {%- if execute and not day -%}
        {%- set day = env_var('SAAS_TRACKER_AS_OF_DATE', '') or built_day() -%}
    {%- endif -%}
    {%- set day = day or run_started_at.strftime('%Y-%m-%d') -%}
    {%- if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', day | string) -%}
        {{ exceptions.raise_compiler_error("as_of_date must be a day as YYYY-MM-DD, not '" ~ day ~ "'") }}
    {%- endif -%}
    {{ return(day | string) }}
{%- endmacro %}


{#- The day of the marts in the warehouse; none before the first build. -#}
{% macro built_day() -%}
    {%- set raw = graph.sources.values() | selectattr('source_name', 'equalto', 'raw') | first if graph else none -%}
    {%- set marts = adapter.get_relation(raw.database, 'marts', 'companies') if raw else none -%}
    {{ return(run_query('select max(as_of_date) from ' ~ marts).columns[0].values()[0] if marts else none) }}
{%- endmacro %}


{#- D as a date literal. -#}
{% macro as_of_date() -%}
    cast('{{ as_of_day() }}' as date)
{%- endmacro %}


{#-
    The first plausible day, as YYYY-MM-DD: SAAS_TRACKER_HISTORY_YEARS (10) before D. Events of earlier days are the
    work of wrong clocks: they are stored, and count nowhere, like events after D.
-#}
{% macro first_plausible_day() -%}
    {%- set day = modules.datetime.date.fromisoformat(as_of_day()) -%}
    {%- set years = env_var('SAAS_TRACKER_HISTORY_YEARS', '10') | int if execute else 10 -%}
    {%- set is_leap_day = day.month == 2 and day.day == 29 -%}
    {{ return(day.replace(year=[day.year - years, 1] | max, day=28 if is_leap_day else day.day).isoformat()) }}
{%- endmacro %}


{#- A condition: a moment that counts, from the first plausible day up to the end of D. -#}
{% macro is_plausible(moment) -%}
    {{ moment }} >= cast('{{ first_plausible_day() }}' as timestamp)
    and {{ moment }} < cast({{ add_days(as_of_date(), 1) }} as timestamp)
{%- endmacro %}


{#- Unix seconds at which a day (YYYY-MM-DD) ends. -#}
{% macro epoch_after(day) -%}
    {%- set days = (modules.datetime.date.fromisoformat(day) - modules.datetime.date(1970, 1, 1)).days -%}
    {{ return((days + 1) * 86400) }}
{%- endmacro %}
