{{ config(materialized='ephemeral') }}
{% set flags = ['is_user', 'is_anonymous', 'is_known', 'is_in_group_call', 'is_in_other_call'] -%}
with

ids as (

    select ids.*, applications.identity_mode = 'user' as is_counted
    from {{ ref('int_tracked_ids') }} as ids
    inner join {{ ref('stg_applications') }} as applications
        on ids.company_id = applications.company_id and ids.app_id = applications.app_id

),

join_ids as (

    select
        company_id, app_id, month,
        {% for flag in flags -%}
        case when {{ flag }} then 1 else 0 end as {{ flag }},
        {% endfor -%}
        case when is_counted and is_user then 1 else 0 end as is_counted_user,
        case when is_counted and is_anonymous then 1 else 0 end as is_counted_anonymous
    from ids

    union all

    -- Distinct over applications; who is known to one is known.
    select
        company_id, 'all' as app_id, month,
        {% for flag in flags -%}
        max(case when {{ flag }} then 1 else 0 end) as {{ flag }},
        {% endfor -%}
        max(case when is_counted and is_user then 1 else 0 end) as is_counted_user,
        max(case when is_counted and is_anonymous then 1 else 0 end) as is_counted_anonymous
    from ids
    group by company_id, month, id_hash

)

select
    company_id,
    app_id,
    month,
    cast(sum(is_user + is_anonymous * (1 - is_known)) as bigint) as tracked_users,
    cast(sum(is_anonymous * (1 - is_known)) as bigint) as anonymous_users,
    cast(sum(is_user * is_in_group_call * (1 - is_in_other_call)) as bigint) as group_call_only_users,
    cast(sum(is_counted_user + is_counted_anonymous * (1 - is_known)) as bigint) as users
from join_ids
group by company_id, app_id, month
