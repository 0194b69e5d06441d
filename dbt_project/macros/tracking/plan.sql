{#- Queries: what the seeds about tracking say for each company. -#}

{#- Traits that users, accounts and other groups should have. -#}
{% macro planned_traits() -%}
    {{ resolve_rules(ref('trait_plan'), keys=['entity', 'trait'], values=['requirement', 'type']) }}
{%- endmacro %}


{#- Parameters of the marts about telemetry. -#}
{% macro telemetry_rules() -%}
    {{ resolve_rules(ref('telemetry_rules'), keys=['rule', 'parameter'], values=['value']) }}
{%- endmacro %}


{#- As one regular expression, the name keys of personal properties. The same names as when calls are read
    (ingestion/calls/personal.py): alone, `name` says nothing of a person. -#}
{% macro personal_names() -%}
    select company_id, concat('^(.*_)?(', {{ sorted_list(name_key('trait'), '|') }}, ')$') as name_pattern
    from ({{ resolve_rules(ref('trait_plan'), keys=['entity', 'trait'], values=['is_pii']) }}) as traits
    where entity = 'user' and is_pii and trait <> 'name'
    group by company_id
{%- endmacro %}
