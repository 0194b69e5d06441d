{{ config(materialized='incremental', unique_key=['company_id', 'app_id', 'event', 'path_or_empty']) }}
with

kinds as (

    select * from {{ ref('int_event_kinds') }}
    {% if is_incremental() -%}
    where built_in = {{ build_number() }}
    {%- endif %}

),

rules as (

    select * from {{ ref('int_feature_rules') }}

),

match_kinds as (

    -- distinct: several rules of one feature may match
    select distinct
        kinds.company_id,
        kinds.app_id,
        kinds.event,
        kinds.path_or_empty,
        rules.feature_key
    from kinds
    inner join rules
        on kinds.company_id = rules.company_id
        and kinds.app_id = rules.app_id
        and {{ matches_like('kinds.event', 'rules.like_event') }}
        and {{ matches_like('kinds.path', 'rules.like_path') }}

)

select * from match_kinds
