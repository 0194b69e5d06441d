{#- A table: these few rows are read with every reading of the events, and to find them takes a look at all events. -#}
{{ config(materialized='table') }}
-- One row per content of an id that was sent with several: rank 1 is the event, the others lost.
with

contents as (

    select * from {{ ref('stg_received_events') }}

),

{{ rank_conflicting_contents('event_id', 'event_id_collisions', [
    'ts_epoch', 'event', 'path', 'user_hash', 'external_org_id', 'client_session_id', 'environment', 'plan',
    'properties'
]) }}

select * from rank_contents
