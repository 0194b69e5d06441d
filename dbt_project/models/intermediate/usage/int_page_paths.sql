{{ config(materialized='incremental', unique_key=['company_id', 'app_id', 'path']) }}
with

kinds as (

    select * from {{ ref('int_event_kinds') }}
    where
        path is not null
        {%- if is_incremental() %}
        and built_in = {{ build_number() }}
        {%- endif %}

),

rules as (

    select * from {{ ref('int_page_path_rules') }}

),

prefer_patterns as (

    -- LIKE lets all candidates pass, and few others: an expression that is no constant is compiled for every row
    -- (300,000 paths and 22 patterns on one core: 9.5 s instead of 105 s).
    select
        kinds.company_id,
        kinds.app_id,
        kinds.path,
        {{ first_by('rules.path_pattern', 'rules.preference') }} as page_path
    from kinds
    inner join rules
        on kinds.company_id = rules.company_id
        and kinds.app_id = rules.app_id
        and {{ matches_like('kinds.path', 'rules.like_path') }}
        and {{ regexp_matches('kinds.path', 'rules.path_regexp') }}
    group by kinds.company_id, kinds.app_id, kinds.path

)

select * from prefer_patterns
