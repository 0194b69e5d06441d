{% set keys = ['company_id', 'app_id', 'event_id'] | join(', ') -%}
with

receipts as (

    select * from {{ source('raw', 'event_receipts') }}

),

collisions as (

    select * from {{ source('raw', 'event_id_collisions') }}

),

new_loads as (

    select * from {{ ref('int_new_loads') }}

),

list_ids as (

    select {{ keys }} from receipts
    where _dlt_load_id in (select new_loads.load_id from new_loads)

    union

    select {{ keys }} from collisions
    where _dlt_load_id in (select new_loads.load_id from new_loads)

)

select * from list_ids
