{#-
    What a table promises, as one test. Its arguments have the names of the tests of dbt and dbt_utils:
    * `combination_of_columns`: its key, unique and without nulls (`written`: see `broken_keys.sql`);
    * `unique`: other columns whose values come once;
    * `required`: columns without nulls, where no contract says so (marts have `not_null` constraints);
    * `ids`: by column, that the values can name a folder of the landing zone, and which are `reserved`;
    * `accepted_values`, `accepted_range` (`min_value`, `max_value`): by column, what it may hold; null is no value;
    * `relationships`: rows whose `columns` are not null name a row of another table (`to`, `fields`: equal if left out);
    * `rules`: SQL that holds for every row; null counts as not holding.
    A row of the result is a row that breaks one of them: whose it is, which, and the row's key.
    `ingestion/seeds/rules.py` applies the same arguments to the files of reference data.
-#}
{% test key_and_rules(
    model, combination_of_columns=[], written=none, unique=[], required=[], ids={}, accepted_values={},
    accepted_range={}, relationships=[], rules=[]
) %}
{%- set key = combination_of_columns or required %}
{%- set owner = 'company_id, ' if 'company_id' in key else '' %}
{%- set queries = [broken_keys(model, combination_of_columns, written)] if combination_of_columns else [] %}
{%- for column in unique %}
    {%- do queries.append(broken_keys(model, [column])) %}
{%- endfor %}
{%- for name, condition in broken_by(required, ids, accepted_values, accepted_range, rules) %}
    {%- do queries.append(
        'select ' ~ owner ~ raw_text(name) ~ ' as rule, ' ~ shown_key(key) ~ ' as row_key'
        ~ '\nfrom ' ~ model ~ '\nwhere ' ~ condition
    ) %}
{%- endfor %}
{%- for relationship in relationships %}
    {%- do queries.append(orphans(model, key, relationship)) %}
{%- endfor %}
{{ queries | join('\n\nunion all\n\n') }}
{% endtest %}


{#- Names and conditions of what a row may break by itself. -#}
{% macro broken_by(required, ids, accepted_values, accepted_range, rules) -%}
    {%- set broken = [] -%}
    {%- if required -%}
        {%- do broken.append(('not null: ' ~ required | join(', '), required | join(' is null or ') ~ ' is null')) -%}
    {%- endif -%}
    {%- for column, options in ids.items() -%}
        {%- set is_id = regexp_matches(column, "'" ~ id_pattern() ~ "'") -%}
        {%- do broken.append(
            (column ~ ' is an id', 'not ' ~ is_id ~ ' or ' ~ column ~ ' in (' ~ texts(options.reserved) ~ ')')
        ) -%}
    {%- endfor -%}
    {%- for column, values in accepted_values.items() -%}
        {%- do broken.append(
            (column ~ ' in (' ~ texts(values) ~ ')', column ~ ' not in (' ~ texts(values) ~ ')')
        ) -%}
    {%- endfor -%}
    {%- for column, bounds in accepted_range.items() -%}
        {%- for bound, sign in [('min_value', '<'), ('max_value', '>')] if bound in bounds -%}
            {%- do broken.append(
                (column ~ ' not ' ~ sign ~ ' ' ~ bounds[bound], column ~ ' ' ~ sign ~ ' ' ~ bounds[bound])
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for rule in rules -%}
        {%- do broken.append((rule, 'not coalesce(' ~ rule ~ ', false)')) -%}
    {%- endfor -%}
    {{ return(broken) }}
{%- endmacro %}


{% macro texts(values) -%}
    {{ return("'" ~ values | join("', '") ~ "'") }}
{%- endmacro %}


{#- Rows that name a row of another table which is not there. -#}
{% macro orphans(model, key, relationship) -%}
{%- set fields = relationship.fields or relationship.columns -%}
select
    {{ 'child.company_id,' if 'company_id' in key }}
    '{{ relationship.columns | join(', ') }} of {{ relationship.to.identifier }}' as rule,
    {{ shown_key(key, 'child.') }} as row_key
from {{ model }} as child
left join {{ relationship.to }} as parent
    on {% for column in relationship.columns -%}
    child.{{ column }} = parent.{{ fields[loop.index0] }}{{ ' and ' if not loop.last }}
    {%- endfor %}
where child.{{ relationship.columns | join(' is not null and child.') }} is not null
    and parent.{{ fields[0] }} is null
{%- endmacro %}
