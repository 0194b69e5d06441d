{#- A query: what holds now of all users, or of all groups, as one JSON object each (`traits`). -#}
{% macro current_traits(entity) -%}
    select
        company_id,
        entity_id,
        concat('{', {{ sorted_list("concat('\"', trait, '\":', json)") }}, '}') as traits
    from {{ ref('int_trait_versions') }}
    where entity = '{{ entity }}' and holds_until = {{ end_of_time() }} and json is not null
    group by company_id, entity_id
{%- endmacro %}


{#- A query: the traits that users and groups have now, with their JSON, and those that are there by other calls. -#}
{% macro known_traits() -%}
    select company_id, entity, entity_id, trait, json from {{ ref('int_trait_versions') }}
    where holds_until = {{ end_of_time() }} and json is not null

    union all

    select company_id, 'user' as entity, user_hash as entity_id, 'user_id' as trait, null as json from {{ ref('int_users') }}
    where not is_anonymous

    union all

    select company_id, 'user' as entity, user_hash as entity_id, 'account_id' as trait, null as json from {{ ref('int_users') }}
    where sets_account
{%- endmacro %}


{#- A trait of such an object as a number; null for what is none. JSON types are meant: "14" is a text. -#}
{% macro trait_number(traits, trait) -%}
    {%- set json = json_part(traits, '$.' ~ trait) -%}
    case when {{ regexp_matches(json, "'^-?[0-9]'") }} then cast({{ json }} as double) end
{%- endmacro %}


{#- A trait as a whole number; null for what is none. -#}
{% macro trait_integer(traits, trait) -%}
    {%- set number = trait_number(traits, trait) -%}
    case when {{ number }} = floor({{ number }}) then {{ dbt.safe_cast(number, 'bigint') }} end
{%- endmacro %}


{#- A trait as a moment: ISO 8601, UTC where no zone is given, or Unix seconds, milliseconds from 10^11 on; null for what is none. -#}
{% macro trait_moment(traits, trait) -%}
    {%- set number = trait_number(traits, trait) -%}
    {%- set text = json_text(traits, '$.' ~ trait) -%}
    {%- set found -%}
        case
            when {{ number }} between 0 and 99999999999 then {{ micros_to_timestamp('cast(round(1000000 * ' ~ number ~ ') as bigint)') }}
            when {{ number }} between 100000000000 and 99999999999999 then {{ micros_to_timestamp('cast(round(1000 * ' ~ number ~ ') as bigint)') }}
            when {{ text }} like '____-__-__%' then {{ dbt.safe_cast(text, 'timestamp') }}
        end
    {%- endset -%}
    case when {{ found }} >= {{ beginning() }} then {{ found }} end
{%- endmacro %}


{#- The names of the conditions that hold, comma-joined in the order given; empty where none does. -#}
{% macro joined_flags(conditions) -%}
    trim(trailing ',' from concat(
        {%- for name, condition in conditions.items() %}
        case when {{ condition }} then '{{ name }},' else '' end{{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}
