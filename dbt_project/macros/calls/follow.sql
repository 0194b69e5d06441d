{#-
    Links are followed by joins, step after step, because not every engine has recursion. `steps` is the most that is
    followed: what would go on is a circle or a mistake (section 4 and 5 of the definitions).
-#}

{#- CTEs `<name>_1` to `<name>_<steps>`: of rows (company_id, from_id, to_id) the columns `end_1` ... `end_<steps>`, null
    behind the last one. `onward` are the links that may go on. -#}
{% macro follow_links(name, links, onward, steps) -%}
    {{ name }}_1 as (

    select company_id, from_id, to_id as end_1 from {{ links }}

),
    {%- for step in range(2, steps + 1) %}

{{ name }}_{{ step }} as (

    select
        reached.*,
        onward.to_id as end_{{ step }}
    from {{ name }}_{{ step - 1 }} as reached
    left join {{ onward }} as onward
        on reached.company_id = onward.company_id
        and reached.end_{{ step - 1 }} = onward.from_id

),
    {%- endfor %}
{%- endmacro %}


{#- The columns of `follow_links`, the last step first. -#}
{% macro ends(steps) -%}
    {%- for step in range(steps, 0, -1) -%}
        end_{{ step }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#-
    CTEs `<name>_0` to `<name>_<steps>`: groups climb from parent to parent while their states last. `states` covers all
    time of each group, with `parent_group_id` and what `carried` reads; rows part where a state on the way changes.
    `carried` are columns by name, each as SQL for the group itself (`states.`) and for a step (`reached.`, `states.`).
-#}
{% macro climb(name, states, steps, carried) -%}
    {{ name }}_0 as (

    select
        company_id,
        group_id,
        valid_from,
        valid_to,
        parent_group_id as next_id
        {%- for column, (start, step) in carried.items() %},
        {{ start }} as {{ column }}
        {%- endfor %}
    from {{ states }} as states

),
    {%- for number in range(1, steps + 1) %}

{{ name }}_{{ number }} as (

    select
        reached.company_id,
        reached.group_id,
        greatest(reached.valid_from, coalesce(states.valid_from, reached.valid_from)) as valid_from,
        least(reached.valid_to, coalesce(states.valid_to, reached.valid_to)) as valid_to,
        states.parent_group_id as next_id
        {%- for column, (start, step) in carried.items() %},
        {{ step }} as {{ column }}
        {%- endfor %}
    from {{ name }}_{{ number - 1 }} as reached
    left join {{ states }} as states
        on reached.company_id = states.company_id
        and reached.next_id = states.group_id
        and reached.valid_from < states.valid_to
        and states.valid_from < reached.valid_to

),
    {%- endfor %}
{%- endmacro %}
