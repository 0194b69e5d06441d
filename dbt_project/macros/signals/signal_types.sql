{#-
    The types of signals, in the order of `seeds/signal_types.csv`. Each has a row there and a model
    `int_signal_<type>`, which says on which days it holds and how severe it is. dbt must know them while it parses,
    when no seed is read: whoever starts dbt names them (`orchestration/transformation/project.py`). Without a name
    (a linter, dbt by hand) they are those that the product always has.
-#}
{% macro signal_types() -%}
    {{ return(env_var(
        'SAAS_TRACKER_SIGNAL_TYPES', 'revenue_at_risk,usage_drop,inactive_paying,expansion_candidate'
    ).split(',')) }}
{%- endmacro %}

{#-
    What a signal's model begins with: `candidates`, one row per organization and scanned day, with the parameters
    of the type as further columns. They are decimals, so that a count compared with 1.3 times another is exact.
-#}
{% macro signal_inputs(signal_type, parameters) -%}
{{ config(meta={'signal_parameters': parameters}) -}}
parameters as (

    select
        company_id
        {%- for parameter in parameters %},
        cast(max(case when parameter = '{{ parameter }}' then value end) as decimal(18, 6)) as {{ parameter }}
        {%- endfor %}
    from {{ ref('stg_signal_rules') }}
    where signal_type = '{{ signal_type }}'
    group by company_id

),

candidates as (

    select
        scanned.*
        {%- for parameter in parameters %},
        parameters.{{ parameter }}
        {%- endfor %}
    from {{ ref('int_signal_candidates__this_run') }} as scanned
    {{ 'inner' if parameters else 'left' }} join parameters on scanned.company_id = parameters.company_id

)
{%- endmacro %}

{#- In the select list of a signal's model: whose day it is, and of which signal. -#}
{% macro signal_day(signal_type) -%}
    company_id,
        app_id,
        external_org_id,
        date_day,
        '{{ signal_type }}' as signal_type
{%- endmacro %}
