with

versions as (

    {{ registered_rows('subscription_versions') }}

),

name_columns as (

    select
        company_id,
        subscription_id,
        external_org_id,
        product_code,
        currency,
        status,
        status = 'void' as is_void,
        source_system,
        source_subscription_id,
        cast(mrr as decimal(18, 4)) as mrr_original,
        start_at,
        end_at,
        version_number,
        valid_from,
        cast(valid_from as date) as applied_on,
        source_path
    from versions

)

select * from name_columns
