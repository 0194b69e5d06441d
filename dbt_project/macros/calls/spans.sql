{#-
    The span of time (`valid_from` to `valid_to`) in which a row's moment lies. A join on a range compares each row with all
    spans of its key, which grows with their product where one key has many of both. So the few keys that have several spans
    are looked up in the order of time, and all others have one, from the beginning on. The spans of a key cover all time.

    `keys` are columns of the spans, each with the column of the rows that is compared with it; `company_id` goes without saying.
-#}

{#- A CTE `<spans>_found`: of keys with several spans and moments of such rows, where the span begins. -#}
{% macro find_spans(spans, keys, rows, moment='occurred_at') -%}
{%- set key = (['company_id'] + keys.keys() | list) | join(', ') -%}
{%- set row_key = (['company_id'] + keys.values() | list) | join(', ') -%}
{%- set several = 'select ' ~ key ~ ' from ' ~ spans ~ ' group by ' ~ key ~ ' having count(*) > 1' -%}
{{ spans }}_found as (

    select {{ key }}, moment, valid_from from (
        select
            {{ key }}, moment, is_row,
            max(case when is_row = 0 then moment end) over (
                partition by {{ key }} order by moment, is_row rows between unbounded preceding and current row
            ) as valid_from
        from (
            select {{ key }}, valid_from as moment, 0 as is_row from {{ spans }}
            where ({{ key }}) in ({{ several }})

            union all

            -- distinct: many rows are of one moment
            select distinct {{ row_key }}, {{ moment }} as moment, 1 as is_row from {{ rows }}
            where ({{ row_key }}) in ({{ several }})
        ) as spans_and_rows
    ) as places_in_time
    where is_row = 1

)
{%- endmacro %}


{#- The joins of such rows with their span, behind `find_spans`. -#}
{% macro join_spans(spans, keys, rows, moment='occurred_at') -%}
    {%- set all_keys = dict({'company_id': 'company_id'}, **keys) -%}
    left join {{ spans }}_found
        on {{ rows }}.{{ moment }} = {{ spans }}_found.moment
        {%- for column, row_column in all_keys.items() %}
        and {{ rows }}.{{ row_column }} = {{ spans }}_found.{{ column }}
        {%- endfor %}
    left join {{ spans }}
        on {{ spans }}.valid_from = coalesce({{ spans }}_found.valid_from, {{ beginning() }})
        {%- for column, row_column in all_keys.items() %}
        and {{ rows }}.{{ row_column }} = {{ spans }}.{{ column }}
        {%- endfor %}
{%- endmacro %}
