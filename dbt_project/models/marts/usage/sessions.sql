{{ config(materialized='view') }}
with

sessions as (

    select * from {{ ref('int_sessions') }}

)

select
    company_id,
    session_id,
    app_id,
    external_org_id,
    display_name,
    environment,
    user_hash,
    users,
    is_inferred,
    is_overlong,
    client_session_id,
    started_at,
    ended_at,
    duration_seconds,
    events,
    page_views,
    distinct_paths,
    entry_path,
    exit_path,
    entered_on,
    exited_on
from {{ described('sessions', 'display_name') }}
