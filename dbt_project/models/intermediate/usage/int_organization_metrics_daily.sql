{{ config(materialized='incremental', pre_hook="{{ delete_from_day_on('usage') }}") }}
with

days as (

    select * from {{ ref('int_organization_days') }}

),

user_deltas as (

    select * from {{ ref('int_user_window_deltas') }}

),

feature_deltas as (

    select * from {{ ref('int_feature_window_deltas') }}

),

{% set key -%}
    {%- for column in ['company_id', 'app_id', 'external_org_id', 'date_day'] -%}
        {{ 'and ' if not loop.first }}days.{{ column }} = NAME.{{ column }} {% endfor -%}
{%- endset -%}

add_changes as (

    select
        days.*,
        coalesce(user_deltas.active_users, 0) as active_users,
        coalesce(user_deltas.active_users_7d_delta, 0) as active_users_7d_delta,
        coalesce(user_deltas.active_users_30d_delta, 0) as active_users_30d_delta,
        coalesce(feature_deltas.features_used, 0) as features_used,
        coalesce(feature_deltas.features_used_30d_delta, 0) as features_used_30d_delta
    from days
    left join user_deltas on {{ key | replace('NAME', 'user_deltas') }}
    left join feature_deltas on {{ key | replace('NAME', 'feature_deltas') }}

),

{% set by_day = 'partition by company_id, app_id, external_org_id order by date_day ' -%}
{% set until_now = by_day ~ 'rows between unbounded preceding and current row' -%}
{% set until_before = by_day ~ 'rows between unbounded preceding and ' ~ window_days() ~ ' preceding' -%}
{% set last_30 = by_day ~ window_frame() -%}
{% set previous_30 = by_day ~ window_frame(windows_back=1) -%}

roll_windows as (

    -- The days are dense, so a frame of n rows is a window of n days.
    select
        *,
        sum(events) over ({{ last_30 }}) as events_30d,
        coalesce(sum(events) over ({{ previous_30 }}), 0) as events_previous_30d,
        sum(is_active) over ({{ last_30 }}) as active_days_30d,
        sum(sessions) over ({{ last_30 }}) as sessions_30d,
        sum(active_users_7d_delta) over ({{ until_now }}) as active_users_7d,
        sum(active_users_30d_delta) over ({{ until_now }}) as active_users_30d,
        coalesce(sum(active_users_30d_delta) over ({{ until_before }}), 0) as active_users_previous_30d,
        sum(features_used_30d_delta) over ({{ until_now }}) as features_used_30d,
        max(last_event_at) over ({{ until_now }}) as last_seen_at
    from add_changes

),

hide_shared_users as (

    -- One user id per organization says nothing about how many people use the product.
    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        cast(events as bigint) as events,
        cast(sessions as bigint) as sessions,
        cast(page_views as bigint) as page_views,
        avg_session_seconds,
        cast(case when counts_users then active_users end as bigint) as active_users,
        cast(features_used as bigint) as features_used,
        cast(events_30d as bigint) as events_30d,
        cast(events_previous_30d as bigint) as events_previous_30d,
        cast(active_days_30d as bigint) as active_days_30d,
        cast(sessions_30d as bigint) as sessions_30d,
        cast(case when counts_users then active_users end as bigint) as active_users_1d,
        cast(case when counts_users then active_users_7d end as bigint) as active_users_7d,
        cast(case when counts_users then active_users_30d end as bigint) as active_users_30d,
        cast(case when counts_users then active_users_previous_30d end as bigint) as active_users_previous_30d,
        cast(features_used_30d as bigint) as features_used_30d,
        last_seen_at,
        cast({{ dbt.datediff('last_seen_at', 'date_day', 'day') }} as bigint) as days_since_last_seen
    from roll_windows

)

select hide_shared_users.*
from hide_shared_users
{{ only_recomputed('usage', 'hide_shared_users') }}
