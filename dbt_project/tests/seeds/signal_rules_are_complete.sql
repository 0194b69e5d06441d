-- A company without a parameter that a signal needs, or a row of a parameter that no signal knows.
-- The files are judged before a run loads anything (ingestion/seeds); this guards `dbt build` by hand.
with

companies as (

    select company_id from {{ ref('stg_companies') }}

),

needed as (

    -- What a signal needs is what its model asks for; the graph is empty while dbt parses.
    select cast(null as {{ dbt.type_string() }}) as signal_type, cast(null as {{ dbt.type_string() }}) as parameter
    {%- for signal_type in (signal_types() if execute else []) %}
    {%- for parameter in graph.nodes['model.saas_tracker.int_signal_' ~ signal_type].config.meta.signal_parameters %}
    union all
    select '{{ signal_type }}' as signal_type, '{{ parameter }}' as parameter
    {%- endfor %}
    {%- endfor %}

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
    where needed.signal_type is not null

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
