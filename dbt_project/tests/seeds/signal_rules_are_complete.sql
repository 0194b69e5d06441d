-- A company without a parameter that a signal needs, or a row of a parameter that no signal knows.
{% set parameters = {
    'revenue_at_risk': ['max_health_score'],
    'usage_drop': ['max_ratio', 'min_previous_events'],
    'inactive_paying': ['inactive_days'],
    'expansion_candidate': ['min_health_score', 'min_ratio', 'min_previous_events'],
} -%}
with

companies as (

    select company_id from {{ ref('stg_companies') }}

),

needed as (

    {% for signal_type in signal_types() -%}
    {% set outer = loop -%}
    {% for parameter in parameters[signal_type] -%}
    select '{{ signal_type }}' as signal_type, '{{ parameter }}' as parameter
    {{ 'union all' if not (loop.last and outer.last) }}
    {% endfor -%}
    {% endfor %}
),

rules as (

    select * from {{ ref('stg_signal_rules') }}

),

list_needed as (

    select
        companies.company_id,
        needed.signal_type,
        needed.parameter
    from companies
    cross join needed

)

select
    coalesce(list_needed.company_id, rules.company_id) as company_id,
    coalesce(list_needed.signal_type, rules.signal_type) as signal_type,
    coalesce(list_needed.parameter, rules.parameter) as parameter
from list_needed
full outer join rules
    on list_needed.company_id = rules.company_id
    and list_needed.signal_type = rules.signal_type
    and list_needed.parameter = rules.parameter
where list_needed.parameter is null or rules.parameter is null
