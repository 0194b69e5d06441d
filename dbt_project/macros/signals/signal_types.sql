{#-
    The types of signals, in the order of `seeds/signal_types.csv`. Each has a row there and a model
    `int_signal_<type>`, which says on which days its condition is met and how severe it is. dbt must know them while
    it parses, when no seed is read: whoever starts dbt names them (`orchestration/transformation/project.py`).
    Without a name (a linter, dbt by hand) they are the four that the product always has.
-#}
{% macro signal_types() -%}
    {{ return(env_var(
        'SAAS_TRACKER_SIGNAL_TYPES', 'revenue_at_risk,usage_drop,inactive_paying,expansion_candidate'
    ).split(',')) }}
{%- endmacro %}

{#-
    What a signal's model begins with: `candidates`, one row per organization and scanned day, with the parameters of
    the type as further columns. They are decimals, so that a count compared with 1.3 times another is exact.
    `steady`: parameters that may have no row, each with the value that it then has (`hold_days`, which every type
    has, is read where days are counted: int_signal_days).
-#}
{% macro signal_inputs(signal_type, parameters, steady={}) -%}
{{ config(materialized='view') -}}
parameters as (

    select
        company_id
        {%- for parameter in parameters %},
        cast(max(case when parameter = '{{ parameter }}' then value end) as decimal(18, 6)) as {{ parameter }}
        {%- endfor %}
        {%- for parameter, neutral in steady.items() %},
        coalesce(cast(max(case when parameter = '{{ parameter }}' then value end) as decimal(18, 6)), {{ neutral }})
            as {{ parameter }}
        {%- endfor %}
    from {{ ref('stg_signal_rules') }}
    where signal_type = '{{ signal_type }}'
    group by company_id

),

candidates as (

    -- `expected_ratio`: the change in use that is no news, because the customers as a whole changed alike.
    select
        scanned.*,
        {%- for parameter in parameters + steady.keys() | list %}
        parameters.{{ parameter }},
        {%- endfor %}
        {%- set expected_ratio = 'case when use_fleet = 1 then fleet_ratio else 1 end' if 'use_fleet' in steady else 1 %}
        cast({{ expected_ratio }} as double) as expected_ratio,
        {{ ratio('events_30d', 'events_previous_30d') }} / cast({{ expected_ratio }} as double) as usage_ratio
    from {{ ref('int_signal_candidates__this_run') }} as scanned
    {{ 'inner' if parameters else 'left' }} join parameters on scanned.company_id = parameters.company_id

)
{%- endmacro %}

{#-
    In the select list of a signal's model: whose day it is, of which signal, and whether the condition for opening is
    met and the one for staying on; without the latter every row of the model is a day that meets both.
-#}
{% macro signal_day(signal_type, opens='true', stays='true') -%}
    company_id,
        app_id,
        external_org_id,
        date_day,
        '{{ signal_type }}' as signal_type,
        {{ opens }} as is_condition_met,
        {{ stays }} as may_stay,
        mrr,
        mrr_rank,
        health_score,
        events_30d,
        events_previous_30d,
        usage_ratio,
        days_since_last_seen
{%- endmacro %}

{#- So many events in the last 30 days are a usage ratio of this; whole counts stay exact. -#}
{% macro events_at(usage_ratio) -%}
    round(cast({{ usage_ratio }} as double) * expected_ratio * events_previous_30d, 7)
{%- endmacro %}


{#- The columns of every signal's model, in one order. -#}
{% macro signal_day_columns() -%}
    {{ return([
        'company_id', 'app_id', 'external_org_id', 'date_day', 'signal_type', 'is_condition_met', 'may_stay', 'mrr',
        'mrr_rank', 'health_score', 'events_30d', 'events_previous_30d', 'usage_ratio', 'days_since_last_seen',
        'severity', 'explanation',
    ]) }}
{%- endmacro %}

{#- The number of a day among the days of some keys. -#}
{% macro day_number(keys) -%}
    cast(row_number() over (partition by {{ keys }} order by date_day) as integer)
{%- endmacro %}
