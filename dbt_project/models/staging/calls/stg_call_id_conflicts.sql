{#- A table: these few rows are read with every reading of the calls. -#}
{{ config(materialized='table') }}
-- One row per content of an id that was sent with several: rank 1 is the call, the others lost.
with

contents as (

    {{ call_contents() }}

),

conflicting_ids as (

    -- distinct: an id is listed each time it was found to carry a further content
    select distinct company_id, app_id, call_id from ({{ registered_rows('call_id_collisions') }}) as collisions

)

select
    contents.*,
    row_number() over (
        partition by contents.company_id, contents.app_id, contents.call_id
        order by
            contents.received_at,
            {%- for field in ['occurred_at', 'kind', 'event', 'user_hash', 'anonymous_hash', 'groups', 'account_id', 'path',
                              'session_id', 'environment', 'traits', 'properties', 'content_hash'] %}
            contents.{{ field }} nulls first{{ ',' if not loop.last }}
            {%- endfor %}
    ) as content_rank
from contents
inner join conflicting_ids
    on contents.company_id = conflicting_ids.company_id
    and contents.app_id = conflicting_ids.app_id
    and contents.call_id = conflicting_ids.call_id
