-- A company without a parameter that a signal needs, or a row of a parameter that no signal knows.
-- The files are judged before a run loads anything (ingestion/seeds); this guards `dbt build` by hand.
with

companies as (

    select company_id from {{ ref('stg_companies') }}

),

known as (

    -- What a signal needs and may have is what its model asks for; the graph is empty while dbt parses.
    select
        cast(null as {{ dbt.type_string() }}) as signal_type,
        cast(null as {{ dbt.type_string() }}) as parameter,
        false as is_needed
    {%- for signal_type in (signal_types() if execute else []) %}
    {%- set meta = graph.nodes['model.saas_tracker.int_signal_' ~ signal_type].config.meta %}
    {%- for parameter in meta.signal_parameters + meta.steady_parameters + ['hold_days'] %}
    union all
    select '{{ signal_type }}', '{{ parameter }}', {{ (parameter in meta.signal_parameters) | lower }}
    {%- endfor %}
    {%- endfor %}

),

rules as (

    select * from {{ ref('stg_signal_rules') }}

),

list_known as (

    select
        companies.company_id,
        known.signal_type,
        known.parameter,
        known.is_needed
    from companies
    cross join known
    where known.signal_type is not null

)

select
    coalesce(list_known.company_id, rules.company_id) as company_id,
    coalesce(list_known.signal_type, rules.signal_type) as signal_type,
    coalesce(list_known.parameter, rules.parameter) as parameter
from list_known
full outer join rules
    on list_known.company_id = rules.company_id
    and list_known.signal_type = rules.signal_type
    and list_known.parameter = rules.parameter
where (list_known.is_needed and rules.parameter is null) or list_known.parameter is null
