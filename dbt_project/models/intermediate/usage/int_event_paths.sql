{{ config(
    materialized='incremental',
    unique_key=['company_id', 'app_id', 'event', 'path_or_empty'],
    pre_hook="{{ delete_other_rules() }}",
) }}
-- depends_on: {{ ref('int_build_inputs__this_run') }}
with

events as (

    select
        *,
        coalesce(path, '') as path_or_empty
    from {{ ref('int_session_events') }}
    {% if is_incremental() -%}
    where built_in = {{ build_number() }}
    {%- endif %}

),

list_event_paths as (

    -- distinct: what looks at the name and path alone looks once at each pair, however many events it has
    select distinct
        company_id,
        app_id,
        event,
        path,
        path_or_empty
    from events
    {% if is_incremental() -%}
    where not {{ among(['company_id', 'app_id', 'event', 'path_or_empty'], this) }}
    {%- endif %}

)

select
    company_id,
    app_id,
    event,
    path,
    path_or_empty,
    {{ build_number() }} as built_in
from list_event_paths
