-- A link goes to the id that a user is known by; the ids of a circle have none.
{% set steps = 10 -%}
with

cut_circles as (

    select links.*
    from {{ ref('int_id_links') }} as links
    left join {{ ref('int_id_circles') }} as circles
        on links.company_id = circles.company_id
        and links.from_id = circles.from_id
    where circles.from_id is null

),

find_targets as (

    select * from cut_circles
    where {{ among(['company_id', 'from_id'], '(select company_id, to_id as from_id from cut_circles) as targets') }}

),

{{ follow_links('follow', 'cut_circles', 'find_targets', steps) }}

take_ends as (

    select
        company_id,
        from_id as id_hash,
        coalesce({{ ends(steps) }}) as actor_hash
    from follow_{{ steps }}

)

select * from take_ends
