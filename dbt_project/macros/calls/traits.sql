{#-
    A CTE: what each call does with each of the traits. Within a call: clear, unset, set, set once; so what does not only
    set once decides, whatever was before. `traits` are names by entity.
-#}
{% macro trait_operations(entities, traits) -%}
list_operations as (

    {% for entity, names in traits.items() -%}
    {% set is_last_entity = loop.last -%}
    {% for trait in names -%}
    select
        company_id, entity, entity_id, app_id, call_id, occurred_at, received_at,
        '{{ trait }}' as trait,
        {{ json_text('traits', '$.set.' ~ trait) }} as set_value,
        {{ json_text('traits', '$.set_once.' ~ trait) }} as set_once_value,
        coalesce({{ json_text('traits', '$.clear') }} = 'true', false)
        or coalesce({{ json_text('traits', '$.unset') }} like '%"{{ trait }}"%', false) as is_removed
    from {{ entities }}
    where entity = '{{ entity }}'
    {{ 'union all' if not (loop.last and is_last_entity) }}
    {% endfor -%}
    {% endfor %}
),

judge_operations as (

    select
        *,
        coalesce(set_value, set_once_value) as value,
        set_value is not null or is_removed as is_decisive
    from list_operations
    where set_value is not null or set_once_value is not null or is_removed

)
{%- endmacro %}


{#- The id of a group in a trait; of a list the first. -#}
{% macro trait_id(value) -%}
    nullif(trim(case when {{ value }} like {{ "'[%'" }} then {{ json_text(value, '$[0]') }} else {{ value }} end), '')
{%- endmacro %}
