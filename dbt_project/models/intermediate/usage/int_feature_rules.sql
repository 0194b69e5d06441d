with

applications as (

    select * from {{ ref('stg_applications') }}

),

definitions as (

    select * from {{ ref('feature_definitions') }}

),

apply_to_applications as (

    select
        applications.company_id,
        applications.app_id,
        definitions.feature_key,
        coalesce(definitions.feature_name, definitions.feature_key) as feature_name,
        definitions.match_event,
        definitions.match_path,
        case when definitions.company_id = '*' then 0 else 1 end as is_own,
        max(case when definitions.company_id = '*' then 0 else 1 end) over (
            partition by applications.company_id, applications.app_id, definitions.feature_key
        ) as has_own
    from applications
    inner join definitions
        on (applications.company_id = definitions.company_id or definitions.company_id = '*')
        and (applications.app_id = definitions.app_id or definitions.app_id = '*')

),

prefer_own as (

    select
        company_id,
        app_id,
        feature_key,
        feature_name,
        match_event,
        match_path,
        {{ wildcard_to_like('match_event') }} as like_event,
        {{ wildcard_to_like('match_path') }} as like_path
    from apply_to_applications
    where is_own = has_own

)

select * from prefer_own
