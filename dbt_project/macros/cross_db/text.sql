{#- Whether a text matches a regular expression, given as SQL (kept to what every engine reads alike). -#}
{% macro regexp_matches(text, pattern) -%}
    {{ return(adapter.dispatch('regexp_matches', 'saas_tracker')(text, pattern)) }}
{%- endmacro %}

{% macro default__regexp_matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ pattern }})
{%- endmacro %}

{% macro spark__regexp_matches(text, pattern) -%}
    ({{ text }} rlike {{ pattern }})
{%- endmacro %}


{#- A text with every match of a regular expression replaced. Neither may hold a backslash or a quote. -#}
{% macro regexp_replace_all(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('regexp_replace_all', 'saas_tracker')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro default__regexp_replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__regexp_replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}


{#- The part of a text that the first group of a regular expression matches; empty where it does not match. -#}
{% macro regexp_part(text, pattern) -%}
    {{ return(adapter.dispatch('regexp_part', 'saas_tracker')(text, pattern)) }}
{%- endmacro %}

{% macro default__regexp_part(text, pattern) -%}
    regexp_extract({{ text }}, {{ raw_text(pattern) }}, 1)
{%- endmacro %}


{#- A text literal in which backslashes and quotes are themselves. -#}
{% macro raw_text(text) -%}
    '{{ dbt.escape_single_quotes(text) }}'
{%- endmacro %}


{#- A wildcard pattern (`*` = any run of characters) as a LIKE pattern in which all else is literal.
    Kept apart from the match, so that the escaping is paid once per rule and not once per event. -#}
{% macro wildcard_to_like(pattern) -%}
    replace(replace(replace(replace({{ pattern }}, '!', '!!'), '%', '!%'), '_', '!_'), '*', '%')
{%- endmacro %}

{#- Whether a text matches a pattern made by wildcard_to_like; a null pattern matches everything. -#}
{% macro matches_like(text, like_pattern) -%}
    ({{ like_pattern }} is null or {{ text }} like {{ like_pattern }} escape '!')
{%- endmacro %}


{#- An id derived from fields. Every field carries its length, so ('a', 'bc') and ('ab', 'c') differ. -#}
{% macro derived_id(fields) -%}
    md5(concat(
    {%- for field in fields -%}
        cast(length(coalesce({{ field }}, '')) as {{ dbt.type_string() }}), ':',
        coalesce({{ field }}, ''){{ ', ' if not loop.last }}
    {%- endfor -%}
    ))
{%- endmacro %}


{#- A number as people read it: thousands set apart by commas, so many decimals. -#}
{% macro grouped_digits(number, decimals) -%}
    {{ return(adapter.dispatch('grouped_digits', 'saas_tracker')(number, decimals)) }}
{%- endmacro %}

{% macro default__grouped_digits(number, decimals) -%}
    format('{:,.{{ decimals }}f}', cast({{ number }} as double))
{%- endmacro %}

{% macro spark__grouped_digits(number, decimals) -%}
    format_number({{ number }}, {{ decimals }})
{%- endmacro %}


{#- A number that rows with equal values share, and hardly any others. Another engine gives other numbers. -#}
{% macro hash_number(columns) -%}
    {{ return(adapter.dispatch('hash_number', 'saas_tracker')(columns)) }}
{%- endmacro %}

{% macro default__hash_number(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__hash_number(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}


{#- The SHA-256 of a text's UTF-8 bytes in lower-case hex. -#}
{% macro sha256_hex(text) -%}
    {{ return(adapter.dispatch('sha256_hex', 'saas_tracker')(text)) }}
{%- endmacro %}

{% macro default__sha256_hex(text) -%}
    sha256({{ text }})
{%- endmacro %}

{% macro spark__sha256_hex(text) -%}
    sha2({{ text }}, 256)
{%- endmacro %}
