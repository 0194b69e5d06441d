{#-
    What a mart promises, as one test: its key (`unique_key`), and rules that hold for every row; null counts as not
    holding. A row of the result names the rule that is broken and how many rows break it.
-#}
{% test key_and_rules(model, columns, rules) %}
select *
from (
    select 'unique key' as rule, count(*) as failing_rows
    from ({{ test_unique_key(model, columns) }}) as doubled
    {%- for rule in rules %}

    union all

    select '{{ rule | replace("'", "''") }}' as rule, count(*) as failing_rows
    from {{ model }}
    where not coalesce({{ rule }}, false)
    {%- endfor %}
) as checked
where failing_rows > 0
{% endtest %}
