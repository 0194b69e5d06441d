{#-
    The rows of a CTE with what a chart needs beside them, for the last `from` of a mart:
    `display_name` of the organization (its id where it was not imported), the company's `reporting_currency`, label and
    place of a `signal_type`.
-#}
{% macro described(rows) -%}
(
    select
        {{ rows }}.*
        {%- if 'display_name' in varargs %},
        coalesce(organizations.display_name, {{ rows }}.external_org_id) as display_name
        {%- endif %}
        {%- if 'reporting_currency' in varargs %},
        companies.reporting_currency
        {%- endif %}
        {%- if 'signal_type' in varargs %},
        signal_types.name as signal_type_label,
        cast(signal_types.sort_order as bigint) as signal_type_order
        {%- endif %}
    from {{ rows }}
    {%- if 'display_name' in varargs %}
    left join {{ ref('stg_organizations') }} as organizations
        on {{ rows }}.company_id = organizations.company_id
        and {{ rows }}.external_org_id = organizations.external_org_id
    {%- endif %}
    {%- if 'reporting_currency' in varargs %}
    left join {{ ref('stg_companies') }} as companies
        on {{ rows }}.company_id = companies.company_id
    {%- endif %}
    {%- if 'signal_type' in varargs %}
    left join {{ ref('signal_types') }} as signal_types
        on {{ rows }}.signal_type = signal_types.signal_type
    {%- endif %}
) as {{ rows }}
{%- endmacro %}
