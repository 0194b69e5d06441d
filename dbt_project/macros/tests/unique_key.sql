{#-
    Rows of a table whose key is null in a part or not unique: the test of every composite key. Where nothing enforces
    the contract's `not_null` constraints when the table is written, their columns are looked at here too.
    With `written`, a column: a build that continues the last one looks only at rows whose value of it stands in a row
    that this build writes (int_session_events), since the others were looked at when they were written. Such a table is
    large, so that a build from scratch gathers only keys whose hash comes twice: with all of them 100 million events did
    not fit into memory (docs/performance.md).
-#}
{% test unique_key(model, columns, written=none) %}
{%- set required = columns + unenforced_columns(model) %}
{%- set session_events = ref('int_session_events') if written %}
select
    {{ columns | join(', ') }},
    count(*) as rows_of_key
from {{ model }}
{%- if written and builds_now('int_session_events') and continues_last_build() %}
where {{ written }} in (
    select {{ written }} from {{ session_events }}
    where built_in = {{ build_number() }}
)
{%- elif written %}
where
    {{ required | join(' is null or ') }} is null
    or {{ hash_number(columns) }} in (
        select {{ hash_number(columns) }} from {{ model }}
        group by 1
        having count(*) > 1
    )
{%- endif %}
group by {{ columns | join(', ') }}
having count(*) > 1 or count(*) > count({{ required | join(') or count(*) > count(') }})
{% endtest %}
