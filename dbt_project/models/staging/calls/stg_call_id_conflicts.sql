{#- A table: these few rows are read with every reading of the calls. -#}
{{ config(materialized='table') }}
-- One row per content of an id that was sent with several: rank 1 is the call, the others lost.
with

contents as (

    {{ call_contents() }}

),

{{ rank_conflicting_contents('call_id', 'call_id_collisions', [
    'occurred_at', 'kind', 'event', 'user_hash', 'anonymous_hash', 'groups', 'account_id', 'path', 'session_id',
    'environment', 'traits', 'properties'
]) }}

select * from rank_contents
