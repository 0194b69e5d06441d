{{ config(
    materialized='incremental',
    unique_key=['company_id', 'app_id', 'event', 'path_or_empty'],
    pre_hook="{{ delete_other_rules() }}",
) }}
-- depends_on: {{ ref('int_build_inputs__this_run') }}
with

event_paths as (

    select * from {{ ref('int_event_paths') }}
    {% if is_incremental() -%}
    where built_in = {{ build_number() }}
    {%- endif %}

),

rules as (

    select * from {{ ref('int_feature_rules') }}

),

match_event_paths as (

    -- distinct: several rules of one feature may match
    select distinct
        event_paths.company_id,
        event_paths.app_id,
        event_paths.event,
        event_paths.path_or_empty,
        rules.feature_key
    from event_paths
    inner join rules
        on event_paths.company_id = rules.company_id
        and event_paths.app_id = rules.app_id
        and {{ matches_like('event_paths.event', 'rules.like_event') }}
        and {{ matches_like('event_paths.path', 'rules.like_path') }}

)

select * from match_event_paths
