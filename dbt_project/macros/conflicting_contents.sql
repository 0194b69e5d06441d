{#-
    CTEs that end in `rank_contents`: the rows of `contents` whose id was sent with several contents, ranked. Rank 1, the
    earliest received, is what counts; of contents received together the one whose `fields` come first.
-#}
{% macro rank_conflicting_contents(id, collisions, fields) -%}
{%- set key = ['company_id', 'app_id', id] -%}
conflicting_ids as (

    -- distinct: an id is listed each time it was found to carry a further content
    select distinct {{ key | join(', ') }} from ({{ registered_rows(collisions) }}) as collisions

),

rank_contents as (

    select
        contents.*,
        row_number() over (
            partition by contents.{{ key | join(', contents.') }}
            order by
                contents.received_at,
                {%- for field in fields + ['content_hash'] %}
                contents.{{ field }} nulls first{{ ',' if not loop.last }}
                {%- endfor %}
        ) as content_rank
    from contents
    where {{ among(key, 'conflicting_ids') }}

)
{%- endmacro %}
