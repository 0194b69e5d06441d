{#- A table: these few rows are read with every reading of the events, and to find them takes a look at all of those. -#}
{{ config(materialized='table') }}
-- One row per content of an id that was sent with several: rank 1 is the event, the others lost.
with

contents as (

    select * from {{ ref('stg_received_events') }}

),

conflicting_ids as (

    -- distinct: an id is listed each time it was found to carry a further content
    select distinct company_id, app_id, event_id from ({{ registered_rows('event_id_collisions') }}) as collisions

)

select
    contents.*,
    row_number() over (
        partition by contents.company_id, contents.app_id, contents.event_id
        order by
            contents.received_at,
            {%- for field in ['ts_epoch', 'event', 'path', 'user_hash', 'external_org_id', 'client_session_id',
                              'environment', 'plan', 'properties', 'content_hash'] %}
            contents.{{ field }} nulls first{{ ',' if not loop.last }}
            {%- endfor %}
    ) as content_rank
from contents
inner join conflicting_ids
    on contents.company_id = conflicting_ids.company_id
    and contents.app_id = conflicting_ids.app_id
    and contents.event_id = conflicting_ids.event_id
