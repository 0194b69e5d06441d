{#- A table: to look for them takes a look at every property. -#}
{{ config(materialized='table') }}
-- Mixpanel has no groups on a call: there a property that is named as a group type of the seeds names groups.
with

calls as (

    select * from {{ source('raw', 'calls') }}
    where vendor = 'mixpanel' and properties is not null and kind in ({{ usage_kinds() }})

),

types as (

    select distinct company_id, name_key from {{ ref('stg_group_types') }}

),

list_properties as (

    select company_id, app_id, call_id, content_hash, {{ rows_of_object('properties') }} as property from calls

),

keep_groups as (

    select
        properties.company_id,
        properties.app_id,
        properties.call_id,
        properties.content_hash,
        {{ json_member('(property).key', '(property).value') }} as member
    from list_properties as properties
    inner join types
        on properties.company_id = types.company_id
        and {{ name_key('(property).key') }} = types.name_key

)

select
    company_id,
    app_id,
    call_id,
    content_hash,
    concat('{', {{ sorted_list('member') }}, '}') as property_groups
from keep_groups
where member is not null
group by company_id, app_id, call_id, content_hash
