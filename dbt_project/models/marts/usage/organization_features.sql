with

feature_days as (

    select * from {{ ref('int_feature_days') }}

),

sum_uses as (

    select
        company_id,
        app_id,
        external_org_id,
        feature_key,
        min(first_used_at) as first_used_at,
        max(last_used_at) as last_used_at,
        cast(sum(
            case when {{ within_windows('date_day') }} then events else 0 end
        ) as bigint) as events_30d,
        {{ within_windows('max(date_day)') }} as is_adopted,
        {{ as_of_date() }} as as_of_date
    from feature_days
    group by company_id, app_id, external_org_id, feature_key

)

select * from {{ described('sum_uses', 'display_name') }}
