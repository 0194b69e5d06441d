{#- Reference data by the domain of history that depends on it. Exchange rates are followed as changes of MRR. -#}
{% set digests = {
    'usage': [
        ('stg_applications', ['app_id', 'identity_mode', 'session_inference',
                              'cast(session_timeout_minutes as ' ~ dbt.type_string() ~ ')']),
        ('int_feature_rules', ['app_id', 'feature_key', 'like_event', 'like_path']),
        ('int_page_path_rules', ['app_id', 'path_pattern', 'cast(preference as ' ~ dbt.type_string() ~ ')']),
        ('environments', ['environment', 'cast(is_production as ' ~ dbt.type_string() ~ ')']),
    ],
    'health': [('int_health_model', ['model_version'])],
    'signals': [
        ('stg_signal_rules', ['signal_type', 'parameter', exact_text('value')]),
        ('stg_companies', ['reporting_currency']),
        ('signal_types', ['signal_type']),
    ],
    'tracking': [
        ('stg_tracking_plan', ['app_id', 'name_key', 'event', 'also_sent_as']),
        ('stg_planned_properties', ['app_id', 'event_key', 'property', 'type', 'name_key', 'rule', 'allowed_values',
                                    'cast(is_required as ' ~ dbt.type_string() ~ ')', 'also_sent_as']),
        ('personal_names', ['name_pattern']),
        ('stg_group_types', ['name_key']),
    ],
} -%}
{% if reads_calls() -%}
    {% do digests.usage.append(
        ('stg_group_types', ['name_key', 'group_type', 'cast(level as ' ~ dbt.type_string() ~ ')'])
    ) -%}
    {% do digests.usage.append(('stg_tracking_plan', ['app_id', 'name_key', 'event', 'group_level'])) -%}
{% endif -%}
with

companies as (

    select company_id from {{ ref('stg_companies') }}

),

last_inputs as (

    select * from {{ source('last_build', 'last_build_inputs') }}

),

list_loads as (

    {% for table in ['events', 'event_receipts', 'event_id_collisions', 'withdrawals'] -%}
    select _dlt_load_id as load_id from {{ source('raw', table) }}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

digest_rows as (

    {% for domain, references in digests.items() -%}
    {% set is_last_domain = loop.last -%}
    {% for reference, columns in references -%}
    select
        company_id,
        '{{ domain }}' as domain,
        {{ derived_id(["'" ~ reference ~ "'"] + columns) }} as row_digest
    {% if reference in ['environments', 'signal_types'] -%}
    from (select companies.company_id, reference.* from {{ ref(reference) }} as reference cross join companies) as rows_of_all
    {%- elif reference == 'personal_names' -%}
    from ({{ personal_names() }}) as names
    {%- else -%}
    from {{ ref(reference) }}
    {%- endif %}
    {{ 'union all' if not (loop.last and is_last_domain) }}
    {% endfor -%}
    {% endfor %}
),

list_inputs as (

    select 'build' as kind, '' as company_id, 'number' as name, '{{ build_number() }}' as value

    union all

    select 'build' as kind, '' as company_id, 'as_of_date' as name, '{{ as_of_day() }}' as value

    union all

    select 'build' as kind, '' as company_id, 'first_plausible_day' as name, '{{ first_plausible_day() }}' as value

    union all

    select 'build' as kind, '' as company_id, 'calls' as name, '{{ has_calls() | lower }}' as value

    union all

    select 'load' as kind, '' as company_id, load_id as name, 'loaded' as value
    from list_loads

    union all

    select domain as kind, company_id, 'reference data' as name, md5({{ sorted_list('row_digest') }}) as value
    from digest_rows
    group by domain, company_id

),

compare_with_last_build as (

    -- A company that has left the registry has no value any more.
    select
        coalesce(list_inputs.kind, last_inputs.kind) as kind,
        coalesce(list_inputs.company_id, last_inputs.company_id) as company_id,
        coalesce(list_inputs.name, last_inputs.name) as name,
        list_inputs.value,
        list_inputs.value is null or last_inputs.value is null or list_inputs.value <> last_inputs.value as is_new
    from list_inputs
    full outer join last_inputs
        on list_inputs.kind = last_inputs.kind
        and list_inputs.company_id = last_inputs.company_id
        and list_inputs.name = last_inputs.name

)

select * from compare_with_last_build
