{% set steps = 10 -%}
with

links as (

    select * from {{ ref('int_id_links') }}

),

find_targets as (

    select * from links
    where {{ among(['company_id', 'from_id'], '(select company_id, to_id as from_id from links) as targets') }}

),

{{ follow_links('walk', 'find_targets', 'find_targets', steps) }}

find_circles as (

    select company_id, from_id from walk_{{ steps }}
    where from_id in ({{ ends(steps) }})

)

select * from find_circles
