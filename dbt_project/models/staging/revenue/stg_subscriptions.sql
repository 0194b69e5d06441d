with

versions as (

    select * from {{ ref('stg_subscription_versions') }}

),

rank_versions as (

    select
        *,
        row_number() over (
            partition by company_id, subscription_id
            order by version_number desc
        ) as version_age,
        min(valid_from) over (partition by company_id, subscription_id) as first_imported_at
    from versions

)

select
    company_id,
    subscription_id,
    external_org_id,
    product_code,
    currency,
    source_system,
    source_subscription_id,
    mrr_original,
    start_at,
    end_at,
    is_void,
    first_imported_at,
    valid_from as last_changed_at
from rank_versions
where version_age = 1
