{#- A table: to find them takes a look at every property. -#}
{{ config(materialized='table') }}
{% set call = ['company_id', 'app_id', 'call_id', 'content_hash'] -%}
-- Mixpanel has no groups on a call: there a property that is named as a group type of the seeds names groups.
with

types as (

    select * from {{ ref('stg_group_types') }}

),

list_properties as (

    select {{ call | join(', ') }}, {{ rows_of_object('properties') }} as property from {{ source('raw', 'calls') }}
    where vendor = 'mixpanel' and properties is not null and kind in ({{ usage_kinds() }})

),

keep_groups as (

    select
        {% for column in call -%}
        properties.{{ column }},
        {% endfor -%}
        {{ json_member('(property).key', '(property).value') }} as member
    from list_properties as properties
    inner join types
        on properties.company_id = types.company_id and {{ name_key('(property).key') }} = types.name_key

)

select {{ call | join(', ') }}, concat('{', {{ sorted_list('member') }}, '}') as property_groups from keep_groups
where member is not null
group by {{ call | join(', ') }}
