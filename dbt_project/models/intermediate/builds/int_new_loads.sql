with

inputs as (

    select * from {{ ref('int_build_inputs') }}

),

select_loads as (

    select name as load_id
    from inputs
    where
        kind = 'load'
        {%- if continues_last_build() %}
        and name not in (
            select name from {{ as_last_built('int_built_inputs') }}
            where kind = 'load'
        )
        {%- else %}
        and false
        {%- endif %}

)

select * from select_loads
