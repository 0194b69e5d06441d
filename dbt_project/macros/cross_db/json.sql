{#- JSON held as text. Paths are literals of the project, never data. -#}

{#- A value within an object or list, by its path, as text: texts plain, all else as compact JSON. Null for null or absent. -#}
{% macro json_text(json, path) -%}
    {{ return(adapter.dispatch('json_text', 'saas_tracker')(json, path)) }}
{%- endmacro %}

{% macro default__json_text(json, path) -%}
    json_extract_string({{ json }}, '{{ path }}')
{%- endmacro %}

{% macro spark__json_text(json, path) -%}
    get_json_object({{ json }}, '{{ path }}')
{%- endmacro %}


{#- In a select list: one row per key of an object of lists, `(<name>).key` and `(<name>).value`, a list of texts. -#}
{% macro rows_of_lists(json) -%}
    {{ return(adapter.dispatch('rows_of_lists', 'saas_tracker')(json)) }}
{%- endmacro %}

{% macro default__rows_of_lists(json) -%}
    unnest(map_entries(cast(cast({{ json }} as json) as map(varchar, varchar[]))))
{%- endmacro %}

{% macro spark__rows_of_lists(json) -%}
    explode(map_entries(from_json({{ json }}, 'map<string,array<string>>')))
{%- endmacro %}


{#- The same of any object: `(<name>).value` is the value as JSON. -#}
{% macro rows_of_object(json) -%}
    {{ return(adapter.dispatch('rows_of_object', 'saas_tracker')(json)) }}
{%- endmacro %}

{% macro default__rows_of_object(json) -%}
    unnest(map_entries(cast(cast({{ json }} as json) as map(varchar, json))))
{%- endmacro %}

{#- A parsed map has texts without their quotes, so that "1" and 1 are one: the value is read by its key. A key that no
    path can spell (`'` or `?` beside `.` or `[`, `*`, empty) has its value judged by its look. -#}
{% macro spark__rows_of_object(json) -%}
    explode(transform(
        map_entries(from_json({{ json }}, 'map<string,string>')),
        member -> named_struct(
            'key', member.key,
            'value', coalesce(
                get_json_object(concat('[', {{ json }}, ']'), concat('$[*]', case
                    when member.key in ('', '*') then '..'
                    when member.key rlike '[\'?]' then concat('.', member.key)
                    else concat('[\'', member.key, '\']')
                end)),
                case
                    when member.value is null then null
                    when member.value rlike '^([{\\[].*|true|false|null|-?[0-9].*)$' then member.value
                    else substr(to_json(named_struct('v', member.value)), 6, length(to_json(named_struct('v', member.value))) - 6)
                end
            )
        )
    ))
{%- endmacro %}


{#- Of a member that `rows_of_object` gives the value as text: texts plain, all else as compact JSON. -#}
{% macro text_of_member(value) -%}
    {{ return(adapter.dispatch('text_of_member', 'saas_tracker')(value)) }}
{%- endmacro %}

{% macro default__text_of_member(value) -%}
    json_extract_string({{ value }}, '$')
{%- endmacro %}

{% macro spark__text_of_member(value) -%}
    get_json_object({{ value }}, '$')
{%- endmacro %}


{#- A JSON list of texts as a list. -#}
{% macro list_of_texts(json) -%}
    {{ return(adapter.dispatch('list_of_texts', 'saas_tracker')(json)) }}
{%- endmacro %}

{% macro default__list_of_texts(json) -%}
    cast(cast({{ json }} as json) as varchar[])
{%- endmacro %}

{% macro spark__list_of_texts(json) -%}
    from_json({{ json }}, 'array<string>')
{%- endmacro %}


{#- A value within an object, by its path, as JSON; null where it is not there. -#}
{% macro json_part(json, path) -%}
    {{ return(adapter.dispatch('json_part', 'saas_tracker')(json, path)) }}
{%- endmacro %}

{% macro default__json_part(json, path) -%}
    cast(json_extract({{ json }}, '{{ path }}') as {{ dbt.type_string() }})
{%- endmacro %}

{#- Of a list's members a wildcard gives JSON, where a path by itself gives texts without their quotes. -#}
{% macro spark__json_part(json, path) -%}
    get_json_object(concat('[', {{ json }}, ']'), '{{ path | replace('$', '$[*]', 1) }}')
{%- endmacro %}
