{#-
    A CTE: what calls do with each trait, one row per operation. Within a call they are done in the order of `step`: clear,
    unset, set, set once; so what does not only set once decides, whatever was before. A clear is one operation on each
    trait that the entity has at any time.
-#}
{% macro trait_operations(calls, entity, order) -%}
{%- set columns = entity ~ ', ' ~ order | join(', ') -%}
list_members as (

    select {{ columns }}, 3 as step, {{ rows_of_object(json_text('traits', '$.set')) }} as member from {{ calls }}
    where {{ json_text('traits', '$.set') }} is not null

    union all

    select {{ columns }}, {{ set_once_step() }} as step, {{ rows_of_object(json_text('traits', '$.set_once')) }} as member
    from {{ calls }}
    where {{ json_text('traits', '$.set_once') }} is not null

),

list_removed as (

    select {{ columns }}, {{ placed_rows(list_of_texts(json_text('traits', '$.unset'))) }} as member from {{ calls }}
    where {{ json_text('traits', '$.unset') }} is not null

),

list_cleared as (

    select * from {{ calls }}
    where {{ json_text('traits', '$.clear') }} = 'true'

),

list_values as (

    select {{ columns }}, step, (member).key as trait, (member).value as json from list_members

    union all

    select {{ columns }}, 2 as step, (member).value as trait, null as json from list_removed

),

list_operations as (

    select {{ columns }}, step, trait, json from list_values

    union all

    select
        {% for column in columns.split(', ') -%}
        list_cleared.{{ column }},
        {% endfor -%}
        1 as step,
        traits.trait,
        null as json
    from list_cleared
    inner join (
        -- distinct: a trait is set many times
        select distinct {{ entity }}, trait from list_values
    ) as traits
        {% for column in entity.split(', ') -%}
        {{ 'on' if loop.first else 'and' }} list_cleared.{{ column }} = traits.{{ column }}
        {% endfor %}
)
{%- endmacro %}


{#- CTEs that end in `write_texts`: what each operation leaves of its trait, as JSON (`state`) and as text. -#}
{% macro trait_states(operations, trait, order) -%}
count_decisions as (

    select
        *,
        sum(case when step < {{ set_once_step() }} then 1 else 0 end) over (
            partition by {{ trait }} order by {{ order | join(', ') }}, step
            rows between unbounded preceding and current row
        ) as decisions
    from {{ operations }}

),

find_states as (

    -- Set once is the first value since the last decision, if that left none.
    select
        *,
        {{ first_known('json') }} over (
            partition by {{ trait }}, decisions order by {{ order | join(', ') }}, step
            rows between unbounded preceding and current row
        ) as state
    from count_decisions

),

write_texts as (

    select
        *,
        {{ text_of_member('state') }} as value
    from find_states

)
{%- endmacro %}


{% macro set_once_step() -%}
    4
{%- endmacro %}


{#- The id of a group in a trait; of a list the first. -#}
{% macro trait_id(value) -%}
    nullif(trim(case when {{ value }} like {{ "'[%'" }} then {{ json_text(value, '$[0]') }} else {{ value }} end), '')
{%- endmacro %}
