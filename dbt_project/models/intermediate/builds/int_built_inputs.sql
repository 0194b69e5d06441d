{#- Built last: from then on the next build may continue this one. -#}
{% set history = [
    'int_session_events', 'int_event_kinds', 'int_feature_matches', 'int_page_paths', 'sessions',
    'int_organization_event_days', 'int_user_days', 'int_feature_days',
    'page_metrics_daily', 'late_events', 'organization_metrics_daily', 'organization_health_daily',
    'health_distribution', 'int_organization_mrr_daily', 'int_organization_mrr_changes_built', 'int_signal_days',
] -%}
{% for model in history -%}
-- depends_on: {{ ref(model) }}
{% endfor -%}
with

inputs as (

    select * from {{ ref('int_build_inputs') }}

)

select
    kind,
    name,
    value
from inputs
