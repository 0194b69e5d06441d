{#- Values of properties, as JSON. -#}

{#- A condition: a JSON value is there at all; null and empty text are not. -#}
{% macro is_present(value) -%}
    coalesce({{ value }} not in ('null', '""'), false)
{%- endmacro %}


{#- A condition: a text was replaced by its hash when it was read, because it was personal (ingestion/calls/personal.py). -#}
{% macro is_replaced(value) -%}
    {{ regexp_matches(value, "'^\"sha256:[0-9a-f]{64}\"$'") }}
{%- endmacro %}


{#- A condition: a text of 64 hexadecimal characters: a hash as sent. -#}
{% macro is_sent_hash(value) -%}
    {{ regexp_matches(value, "'^\"[0-9a-fA-F]{64}\"$'") }}
{%- endmacro %}


{#- A condition: a JSON value is of a type of the tracking plan, given as SQL. JSON types are meant: "14" is no integer. -#}
{% macro has_type(value, type) -%}
    case {{ type }}
        when 'string' then {{ value }} like '"%'
        when 'integer' then case when {{ is_number(value) }} then cast({{ value }} as double) = floor(cast({{ value }} as double)) else false end
        when 'number' then {{ is_number(value) }}
        when 'boolean' then {{ value }} in ('true', 'false')
        when 'datetime' then {{ is_number(value) }} or {{ is_iso_time(value) }}
        when 'object' then {{ value }} like {{ "'{%'" }}
        when 'array' then {{ value }} like '[%'
        else true
    end
{%- endmacro %}


{% macro is_number(value) -%}
    {{ regexp_matches(value, "'^-?[0-9]'") }}
{%- endmacro %}


{#- ISO 8601: a day, or a time of a day with or without a zone. -#}
{% macro is_iso_time(value) -%}
    {%- set day = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])' -%}
    {%- set time = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?' -%}
    {%- set zone = '(Z|[+-][0-9]{2}(:?[0-9]{2})?)?' -%}
    {{ regexp_matches(value, "'^\"" ~ day ~ "([T ]" ~ time ~ zone ~ ")?\"$'") }}
{%- endmacro %}
