{{ config(
    materialized='incremental',
    unique_key=['company_id', 'app_id', 'month', 'id_hash'],
    pre_hook="{{ delete_tracked_months() }}",
) }}
{% set month = ['company_id', 'app_id', 'month'] -%}
{% set flags = ['is_user', 'is_anonymous', 'is_known', 'is_in_group_call', 'is_in_other_call'] -%}
-- depends_on: {{ ref('stg_calls') }}, {{ ref('int_tracking_days__this_run') }}
with

list_sent as (

    -- distinct: an id is sent by many events and calls of a month
    select distinct
        company_id, app_id, {{ start_of('month', 'occurred_on') }} as month, user_hash,
        cast(null as {{ dbt.type_string() }}) as anonymous_hash, cast(null as {{ dbt.type_string() }}) as previous_hash,
        false as is_group_call
    from {{ ref('int_session_events') }}
    where vendor is null {{ in_tracked_months('occurred_on') }}
    {%- if reads_calls() %}

    union all

    select distinct
        company_id, app_id, {{ start_of('month', 'occurred_at') }} as month, user_hash, anonymous_hash, previous_hash,
        kind = 'group' as is_group_call
    from {{ ref('stg_calls') }}
    where true {{ in_tracked_months('occurred_at') }}
    {%- endif %}

),

list_ids as (

    select
        {{ month | join(', ') }}, user_hash as id_hash, true as is_user, false as is_anonymous, false as is_known,
        is_group_call as is_in_group_call, not is_group_call as is_in_other_call
    from list_sent
    where user_hash is not null

    union all

    select
        {{ month | join(', ') }}, anonymous_hash as id_hash, false as is_user, true as is_anonymous,
        user_hash is not null as is_known, false as is_in_group_call, false as is_in_other_call
    from list_sent
    where anonymous_hash is not null

    union all

    -- An alias says whose the id was.
    select
        {{ month | join(', ') }}, previous_hash as id_hash, false as is_user, false as is_anonymous, true as is_known,
        false as is_in_group_call, false as is_in_other_call
    from list_sent
    where previous_hash is not null and user_hash is not null

)

select
    {{ month | join(',\n    ') }},
    id_hash,
    {% for flag in flags -%}
    max(case when {{ flag }} then 1 else 0 end) = 1 as {{ flag }}{{ ',' if not loop.last }}
    {% endfor %}
from list_ids
group by {{ month | join(', ') }}, id_hash
