{#-
    Personal data in properties: what ingestion/calls/personal.py replaces, or would replace with `pii_policy` `hashed`.
    There the rule is applied to calls when they are read, here to properties as they are stored.
-#}

{#- As a regular expression, what the text of properties with personal data holds, and of hardly any others: so only few
    are taken apart. A unit test looks at all, for it reads no plan. -#}
{% macro personal_hint() -%}
    {%- set plan = ref('trait_plan') -%}
    {%- if not execute or model.resource_type == 'unit_test' or load_relation(plan) is none -%}
        {{ return('') }}
    {%- endif -%}
    {%- set names = run_query(
        "select distinct trait from " ~ plan ~ " where entity = 'user' and is_pii and trait <> 'name' order by trait"
    ).columns[0].values() -%}
    {%- set hints = ['@', 'sha256:'] -%}
    {%- for name in names -%}
        {%- do hints.append(name | replace('_', '[^a-z0-9]*')) -%}
    {%- endfor -%}
    {{ return('(?i)' ~ hints | join('|')) }}
{%- endmacro %}


{#- Texts of a JSON object or list at any depth, each with its key where it has one, and all else that has a key. -#}
{% macro member_pattern() -%}
    {{ return('"([^"\\\\]|\\\\.)*":("([^"\\\\]|\\\\.)*"|[^"{}\\[\\],]*)|"([^"\\\\]|\\\\.)*"') }}
{%- endmacro %}


{#- The key of such a member, and its value (empty for an object or a list). -#}
{% macro member_key(member) -%}
    {{ regexp_part(member, '^"(([^"\\\\]|\\\\.)*)":') }}
{%- endmacro %}

{% macro member_value(member) -%}
    {{ regexp_part(member, '^(?:"(?:[^"\\\\]|\\\\.)*":)?(.*)$') }}
{%- endmacro %}


{#- A condition: a JSON value is a text that is as a whole an e-mail address. -#}
{% macro is_email(value) -%}
    {{ regexp_matches(value, raw_text('^" *[^@\\s"\\\\]+@[^@\\s"\\\\]+[.][^@\\s"\\\\]+ *"$')) }}
{%- endmacro %}


{#- The hash of an e-mail address, as hex, whether it was sent in plain, or as a hash, or was replaced when it was read. -#}
{% macro email_hash(text) -%}
    {%- set plain = "replace(" ~ text ~ ", 'sha256:', '')" -%}
    case
        when {{ regexp_matches(plain, "'^[0-9a-fA-F]{64}$'") }} then lower({{ plain }})
        else {{ sha256_hex('lower(trim(' ~ plain ~ '))') }}
    end
{%- endmacro %}
