{#-
    The name key of a text, by which spellings of events, properties and group types are compared: `userSignedUp` and
    `User-Signed Up` are one name. ingestion.name_key is the same for what is compared when files are read.
-#}
{% macro name_key(name) -%}
    {%- set parted = put_underscore(name, '([\\p{Ll}\\p{Nd}])(\\p{Lu})') -%}
    {%- set parted = put_underscore(parted, '(\\p{Lu})(\\p{Lu}\\p{Ll})') -%}
    case
            when {{ regexp_matches(name, "'^[a-z0-9]+(_[a-z0-9]+)*$'") }} then {{ name }}
            else trim(both '_' from {{ replace_signs('lower(' ~ parted ~ ')') }})
        end
{%- endmacro %}


{% macro put_underscore(text, pair) -%}
    {{ return(adapter.dispatch('put_underscore', 'saas_tracker')(text, pair)) }}
{%- endmacro %}

{% macro default__put_underscore(text, pair) -%}
    regexp_replace({{ text }}, '{{ pair }}', '\1_\2', 'g')
{%- endmacro %}

{% macro spark__put_underscore(text, pair) -%}
    regexp_replace({{ text }}, {{ raw_text(pair) }}, '$1_$2')
{%- endmacro %}


{% macro replace_signs(text) -%}
    {{ return(adapter.dispatch('replace_signs', 'saas_tracker')(text)) }}
{%- endmacro %}

{% macro default__replace_signs(text) -%}
    regexp_replace({{ text }}, '[^\p{L}\p{Nd}]+', '_', 'g')
{%- endmacro %}

{% macro spark__replace_signs(text) -%}
    regexp_replace({{ text }}, {{ raw_text('[^\\p{L}\\p{Nd}]+') }}, '_')
{%- endmacro %}
