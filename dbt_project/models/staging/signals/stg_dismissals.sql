with

versions as (

    {{ registered_rows('dismissal_versions') }}

),

rank_versions as (

    select
        *,
        row_number() over (
            partition by company_id, external_org_id, signal_type, dismissed_at
            order by version_number desc
        ) as version_age
    from versions

),

keep_newest as (

    select
        company_id,
        external_org_id,
        signal_type,
        dismissed_at,
        reason,
        dismissed_by,
        valid_from as last_changed_at
    from rank_versions
    where version_age = 1

)

select * from keep_newest
