{% set last_30 = within_windows('date_day') -%}
{% set previous_30 = within_windows('date_day', 2) ~ ' and not ' ~ last_30 -%}
with

features as (

    select * from {{ ref('int_feature_scopes') }}

),

feature_days as (

    select * from {{ ref('int_feature_days') }}

),

event_days as (

    select * from {{ ref('int_organization_event_days') }}

),

stack_scopes as (

    select company_id, app_id, feature_key, external_org_id, date_day, events, first_used_at
    from feature_days

    union all

    select company_id, 'all' as app_id, feature_key, external_org_id, date_day, events, first_used_at
    from feature_days

),

count_use as (

    select
        company_id,
        app_id,
        feature_key,
        count(distinct case when {{ last_30 }} then external_org_id end) as organizations_used_30d,
        count(distinct case when {{ previous_30 }} then external_org_id end) as organizations_used_previous_30d,
        sum(case when {{ last_30 }} then events end) as events_30d,
        sum(case when {{ previous_30 }} then events end) as events_previous_30d,
        min(first_used_at) as first_used_at
    from stack_scopes
    group by company_id, app_id, feature_key

),

count_active as (

    select
        company_id,
        app_id,
        count(distinct case when {{ last_30 }} then external_org_id end) as active_organizations_30d,
        count(distinct case when {{ previous_30 }} then external_org_id end) as active_organizations_previous_30d
    from event_days
    where events > 0
    group by company_id, app_id

),

rate_adoption as (

    -- From the definitions, so that a feature that nobody uses has its row.
    select
        features.company_id,
        features.app_id,
        features.feature_key,
        {%- for period in ['30d', 'previous_30d'] %}
        cast(coalesce(count_use.organizations_used_{{ period }}, 0) as bigint) as organizations_used_{{ period }},
        cast(coalesce(count_active.active_organizations_{{ period }}, 0) as bigint)
            as active_organizations_{{ period }},
        {{ ratio(
            'coalesce(count_use.organizations_used_' ~ period ~ ', 0)', 'count_active.active_organizations_' ~ period
        ) }} as adoption_rate{{ '_previous_30d' if period == 'previous_30d' }},
        cast(coalesce(count_use.events_{{ period }}, 0) as bigint) as events_{{ period }},
        {%- endfor %}
        count_use.first_used_at,
        {{ as_of_date() }} as as_of_date
    from features
    left join count_use
        on features.company_id = count_use.company_id
        and features.app_id = count_use.app_id
        and features.feature_key = count_use.feature_key
    left join count_active
        on features.company_id = count_active.company_id
        and features.app_id = count_active.app_id

)

select * from rate_adoption
