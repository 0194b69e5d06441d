{#-
    What a mart promises, as one test: its key (`unique_key`), and rules that hold for every row; null counts as not
    holding. A row of the result names the rule that is broken, how many rows break it, and whose they are.
-#}
{% test key_and_rules(model, columns, rules) %}
{%- set owner = 'company_id, ' if 'company_id' in columns else '' %}
select *
from (
    select {{ owner }}'unique key' as rule, count(*) as failing_rows
    from ({{ test_unique_key(model, columns) }}) as doubled
    {{ 'group by company_id' if owner }}
    {%- for rule in rules %}

    union all

    select {{ owner }}'{{ rule | replace("'", "''") }}' as rule, count(*) as failing_rows
    from {{ model }}
    where not coalesce({{ rule }}, false)
    {{ 'group by company_id' if owner }}
    {%- endfor %}
) as checked
where failing_rows > 0
{% endtest %}
