with

versions as (

    select * from {{ ref('stg_subscription_versions') }}

),

rank_versions as (

    select
        *,
        row_number() over (
            partition by company_id, subscription_id, valid_from
            order by version_number desc
        ) as position_from_end_of_import,
        min(valid_from) over (partition by company_id) as first_applied_at
    from versions

),

find_next_imports as (

    select
        *,
        lead(valid_from) over (partition by company_id, subscription_id order by version_number)
            as next_applied_at
    from rank_versions
    where position_from_end_of_import = 1

),

list_states as (

    -- Nothing was said of a month before the company's first import, so that one restates nothing.
    select
        *,
        valid_from as applied_at,
        true as is_after
    from find_next_imports
    where valid_from > first_applied_at

    union all

    select
        *,
        next_applied_at as applied_at,
        false as is_after
    from find_next_imports
    where next_applied_at is not null

)

select
    company_id,
    subscription_id,
    applied_at,
    is_after,
    external_org_id,
    product_code,
    currency,
    status,
    mrr_original,
    start_at,
    end_at,
    is_void,
    source_path
from list_states
