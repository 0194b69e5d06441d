with

versions as (

    {{ registered_rows('organization_versions') }}

),

rank_versions as (

    select
        company_id,
        external_org_id,
        display_name,
        valid_from as last_changed_at,
        min(valid_from) over (partition by company_id, external_org_id) as first_imported_at,
        row_number() over (
            partition by company_id, external_org_id
            order by version_number desc
        ) as versions_back
    from versions

)

select
    company_id,
    external_org_id,
    display_name,
    first_imported_at,
    last_changed_at
from rank_versions
where versions_back = 1
