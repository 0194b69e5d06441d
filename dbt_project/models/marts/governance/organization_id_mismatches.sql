{%- set characters_that_people_vary = [' ', '-', '_', '.'] -%}
{%- set loose_id = namespace(sql='lower(external_org_id)') -%}
{%- for character in characters_that_people_vary -%}
    {%- set loose_id.sql = "replace(" ~ loose_id.sql ~ ", '" ~ character ~ "', '')" -%}
{%- endfor -%}
{#- A number that went through a spreadsheet: 42.0 is 42, not 420. -#}
{%- set loose_id.sql -%}
    case
        when {{ regexp_matches('external_org_id', "'^[0-9]+[.]0+$'") }}
            then {{ dbt.split_part('external_org_id', "'.'", 1) }}
        else {{ loose_id.sql }}
    end
{%- endset -%}
with

seen as (

    select * from {{ ref('int_organizations_seen') }}

),

imported as (

    select * from {{ ref('stg_organizations') }}

),

revenue as (

    select * from {{ ref('int_organization_revenue') }}

),

loosen_seen as (

    select
        *,
        {{ loose_id.sql }} as loose_id
    from seen

),

loosen_imported as (

    select
        *,
        {{ loose_id.sql }} as loose_id
    from imported

),

pair_ids as (

    select
        loosen_seen.company_id,
        loosen_seen.external_org_id as event_org_id,
        loosen_imported.external_org_id as imported_org_id,
        loosen_imported.display_name,
        loosen_seen.events,
        loosen_seen.last_seen_at
    from loosen_seen
    inner join loosen_imported
        on loosen_seen.company_id = loosen_imported.company_id
        and loosen_seen.loose_id = loosen_imported.loose_id
        and loosen_seen.external_org_id <> loosen_imported.external_org_id
    -- An id of signs alone would match every other one.
    where loosen_seen.loose_id <> ''

),

add_revenue as (

    select
        pair_ids.*,
        coalesce(revenue.mrr, cast(0 as decimal(18, 2))) as mrr,
        imported.external_org_id is not null as is_event_id_imported
    from pair_ids
    left join revenue
        on pair_ids.company_id = revenue.company_id
        and pair_ids.imported_org_id = revenue.external_org_id
    left join imported
        on pair_ids.company_id = imported.company_id
        and pair_ids.event_org_id = imported.external_org_id

)

select
    company_id,
    reporting_currency,
    event_org_id,
    imported_org_id,
    display_name,
    cast(events as bigint) as events,
    last_seen_at,
    mrr,
    is_event_id_imported,
    {{ as_of_date() }} as as_of_date
from {{ described('add_revenue', 'reporting_currency') }}
