{{ config(materialized='ephemeral') }}
{% set scope = ['company_id', 'app_id', 'month'] -%}
{% set flags = ['is_user', 'is_anonymous', 'is_known', 'is_in_group_call', 'is_in_other_call'] -%}
with

applications as (

    {{ scopes_of_applications() }}

),

join_ids as (

    -- Distinct over applications; who is known to one is known.
    select
        ids.company_id, applications.scope as app_id, ids.month, ids.id_hash,
        {% for flag in flags -%}
        max(case when ids.{{ flag }} then 1 else 0 end) as {{ flag }},
        max(case when ids.{{ flag }} and applications.counts_users then 1 else 0 end) as {{ flag }}_by_user{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_tracked_ids') }} as ids
    inner join applications on ids.company_id = applications.company_id and ids.app_id = applications.app_id
    group by ids.company_id, applications.scope, ids.month, ids.id_hash

),

count_ids as (

    select
        {{ scope | join(', ') }},
        cast(sum(is_user + is_anonymous * (1 - is_known)) as bigint) as tracked_users,
        cast(sum(is_anonymous * (1 - is_known)) as bigint) as anonymous_users,
        cast(sum(is_user * is_in_group_call * (1 - is_in_other_call)) as bigint) as group_call_only_users,
        cast(sum(is_user_by_user + is_anonymous_by_user * (1 - is_known)) as bigint) as users
    from join_ids
    group by {{ scope | join(', ') }}

)

select * from count_ids
