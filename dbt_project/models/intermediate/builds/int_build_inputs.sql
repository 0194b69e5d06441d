{#- Reference data that the stored history depends on. Of exchange rates, int_mrr_ranges follows the changes. -#}
{% set references = ['companies', 'applications', 'environments', 'feature_definitions', 'page_paths',
                     'health_model', 'health_bands', 'signal_rules', 'signal_types'] -%}
{% set continues = may_continue() and table_exists('int_build_inputs') -%}
{% set last = as_last_built('int_built_inputs') -%}
with

list_loads as (

    {% for table in ['events', 'event_receipts', 'event_id_collisions'] -%}
    select _dlt_load_id as load_id from {{ source('raw', table) }}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

{% if continues %}
last_inputs as (

    select * from {{ last }}

),

last_started as (

    select * from {{ this }}

),
{% endif %}

fingerprint_references as (

    {% for reference in references -%}
    select 'reference' as kind, '{{ reference }}' as name, {{ reference_fingerprint(ref(reference)) }} as value
    from {{ ref(reference) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

list_inputs as (

    select 'build' as kind, 'as_of_date' as name, cast({{ as_of_date() }} as {{ dbt.type_string() }}) as value

    union all

    select kind, name, value from fingerprint_references

    union all

    select 'load' as kind, load_id as name, 'loaded' as value from list_loads

),

compare_with_last_build as (

    {% if continues -%}
    -- The last build came to its end, the reference data is the same, and the day did not go back.
    select
        (
            select count(*) from last_started
            inner join last_inputs
                on last_started.kind = last_inputs.kind
                and last_started.name = last_inputs.name
                and last_started.value = last_inputs.value
            where last_started.kind = 'build' and last_started.name = 'number'
        ) = 1
        and (
            select count(*) from fingerprint_references
            inner join last_inputs
                on fingerprint_references.kind = last_inputs.kind
                and fingerprint_references.name = last_inputs.name
                and fingerprint_references.value = last_inputs.value
        ) = {{ references | length }}
        and (
            select max(value) from last_inputs
            where kind = 'build' and name = 'as_of_date'
        ) <= cast({{ as_of_date() }} as {{ dbt.type_string() }}) as continues
    {%- else -%}
    select false as continues
    {%- endif %}

)

select kind, name, value from list_inputs

union all

select 'build' as kind, 'continues' as name, case when continues then 'true' else 'false' end as value
from compare_with_last_build

union all

select 'build' as kind, 'number' as name, '{{ (build_input('number') or 0) | int + 1 }}' as value
