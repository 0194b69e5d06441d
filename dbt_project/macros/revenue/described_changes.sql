{#- The columns that differ between two states of a row, as text: `mrr_original 300.0000 -> 350.0000, end_at ...`. -#}
{% macro described_changes(before, after, columns) -%}
    substring(concat(
    {%- for column in columns %}
        case
            when {{ before }}.{{ column }} is distinct from {{ after }}.{{ column }} then concat(
                ', {{ column }} ',
                coalesce(cast({{ before }}.{{ column }} as {{ dbt.type_string() }}), 'none'),
                ' -> ',
                coalesce(cast({{ after }}.{{ column }} as {{ dbt.type_string() }}), 'none')
            )
            else ''
        end{{ ',' if not loop.last }}
    {%- endfor %}
    ), 3)
{%- endmacro %}
