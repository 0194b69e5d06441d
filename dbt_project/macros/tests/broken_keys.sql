{#-
    Rows whose key is null in a part or not unique. Where nothing enforces the contract's `not_null` constraints when the
    table is written (views), their columns are looked at here too.
    With `written`, a column: a build that continues the last one looks only at rows whose value of it stands in a row
    that this build writes (int_session_events), since the others were looked at when they were written. Such a table is
    large, so that a build from scratch gathers only keys whose hash comes twice: with all of them 100 million events did
    not fit into memory (docs/performance.md).
-#}
{% macro broken_keys(model, key, written=none) -%}
{%- set required = key + (unenforced_columns(model) | reject('in', key) | list) %}
{%- set owner = 'company_id, ' if 'company_id' in key else '' %}
{%- set continues = written and builds_now('int_session_events') and continues_last_build() %}
{%- set session_events = ref('int_session_events') if written %}
{%- set is_null = '(' ~ required | join(' is null or ') ~ ' is null)' %}
{%- set has_null = 'max(case when ' ~ is_null ~ ' then 1 else 0 end) = 1' %}
{#- One query, so that a large table is read once. #}
select
    {{ owner }}case
        when {{ has_null }} then 'not null: {{ required | join(', ') }}'
        else 'unique: {{ key | join(', ') }}'
    end as rule,
    {{ shown_key(key) }} as row_key
from {{ model }}
{%- if continues %}
where {{ written }} in (
    select {{ written }} from {{ session_events }}
    where built_in = {{ build_number() }}
)
{%- elif written %}
where {{ is_null }} or {{ hash_number(key) }} in (
    select {{ hash_number(key) }} from {{ model }}
    group by 1
    having count(*) > 1
)
{%- endif %}
group by {{ key | join(', ') }}
having count(*) > 1 or {{ has_null }}
{%- endmacro %}


{#- The key of a row as one text, such as `acme, web, 2026-03-31`. -#}
{% macro shown_key(key, row='') -%}
    {%- set parts = [] -%}
    {%- for column in key -%}
        {%- do parts.append("coalesce(cast(" ~ row ~ column ~ " as " ~ dbt.type_string() ~ "), 'null')") -%}
        {%- do parts.append("', '") if not loop.last -%}
    {%- endfor -%}
    {{ dbt.concat(parts) if parts | length > 1 else parts[0] }}
{%- endmacro %}


{#- The same of several tables, by model: a test of the steps on the way to the marts (dbt_project/tests). -#}
{% macro broken_keys_of(keys) -%}
{%- for model, key in keys.items() %}
select company_id, '{{ model }}' as model, rule, row_key
from ({{ broken_keys(ref(model), key) }}) as broken
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}
