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

list_statuses as (

    select
        company_id,
        subscription_id,
        status,
        applied_on as valid_from
    from rank_versions
    where position_from_end_of_day = 1

    union all

    -- Before its first version a row has the status of the first.
    select
        company_id,
        subscription_id,
        status,
        {{ far_past() }} as valid_from
    from rank_versions
    where version_position = 1

),

find_previous as (

    select
        *,
        lag(status) over (partition by company_id, subscription_id order by valid_from)
            as previous_status
    from list_statuses

),

keep_changes as (

    select
        *,
        lead(valid_from) over (partition by company_id, subscription_id order by valid_from)
            as next_valid_from
    from find_previous
    where previous_status is null or previous_status <> status

),

form_intervals as (

    select
        company_id,
        subscription_id,
        status,
        valid_from,
        coalesce({{ add_days('next_valid_from', -1) }}, {{ far_future() }}) as valid_to
    from keep_changes

)

select * from form_intervals
