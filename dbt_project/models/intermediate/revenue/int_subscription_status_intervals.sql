with

versions as (

    select * from {{ ref('stg_subscription_versions') }}

),

rank_versions as (

    select
        *,
        row_number() over (
            partition by company_id, subscription_id
            order by version_number
        ) as version_position,
        row_number() over (
            partition by company_id, subscription_id, applied_on
            order by version_number desc
        ) as position_from_end_of_day
    from versions

),

judge_versions as (

    -- The first version is in force before it was applied, too. What it says of an end holds from that day on.
    select
        company_id,
        subscription_id,
        status,
        case when version_position = 1 then {{ far_past() }} else applied_on end as valid_from,
        case
            when status = 'active' then {{ far_future() }}
            when status = 'canceled' and end_at is not null
                then greatest(end_at, {{ add_days('applied_on', -1) }})
            else {{ far_past() }}
        end as last_day_allowed
    from rank_versions
    where version_position = 1 or position_from_end_of_day = 1

),

find_previous as (

    select
        *,
        {%- for column in ['status', 'last_day_allowed'] %}
        lag({{ column }}) over (partition by company_id, subscription_id order by valid_from)
            as previous_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from judge_versions

),

keep_changes as (

    select
        *,
        lead(valid_from) over (partition by company_id, subscription_id order by valid_from)
            as next_valid_from
    from find_previous
    where previous_status is null
        or previous_status <> status
        or previous_last_day_allowed <> last_day_allowed

),

form_intervals as (

    select
        company_id,
        subscription_id,
        status,
        valid_from,
        coalesce({{ add_days('next_valid_from', -1) }}, {{ far_future() }}) as valid_to,
        least(last_day_allowed, coalesce({{ add_days('next_valid_from', -1) }}, {{ far_future() }}))
            as counts_to
    from keep_changes

)

select * from form_intervals
