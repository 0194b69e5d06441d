{#-
    The rows of a CTE with what a chart needs beside them, for the last `from` of a mart:
    `display_name` of the organization (its id where it has no name), the company's `reporting_currency`, label and
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
    left join {{ organization_names() }} as organizations
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


{#- A query: names of organizations, as imported, else as the trait `name` of the account says now. -#}
{% macro organization_names() -%}
{#- While dbt parses it learns of the model; a build reads it where there are calls. -#}
{%- set traits = ref('int_trait_versions') if reads_calls() or not execute else none -%}
(
        select company_id, external_org_id, display_name from {{ ref('stg_organizations') }}
        {%- if traits %}

        union all

        select traits.company_id, traits.entity_id as external_org_id, traits.value as display_name
        from {{ traits }} as traits
        left join {{ ref('stg_organizations') }} as imported
            on traits.company_id = imported.company_id and traits.entity_id = imported.external_org_id
        where
            traits.entity = 'group' and traits.trait = 'name' and traits.holds_until = {{ end_of_time() }}
            and traits.value is not null and imported.external_org_id is null
        {%- endif %}
    )
{%- endmacro %}
