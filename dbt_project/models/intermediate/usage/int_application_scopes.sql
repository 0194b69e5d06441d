with

applications as (

    select * from {{ ref('stg_applications') }}

),

companies as (

    select * from {{ ref('stg_companies') }}

),

feature_rules as (

    select * from {{ ref('int_feature_rules') }}

),

count_features as (

    select
        company_id,
        app_id,
        count(distinct feature_key) as features_defined
    from feature_rules
    group by company_id, app_id

    union all

    select
        company_id,
        'all' as app_id,
        count(distinct feature_key) as features_defined
    from feature_rules
    group by company_id

),

join_applications as (

    -- A company that counts the users of one application at least has user counts for `all`.
    select
        companies.company_id,
        'all' as app_id,
        'All applications' as name,
        case
            when count(applications.app_id) > 0
                and count(applications.app_id) = count(case when applications.identity_mode = 'instance' then 1 end)
                then 'instance'
            else 'user'
        end as identity_mode
    from companies
    left join applications
        on companies.company_id = applications.company_id
    group by companies.company_id

),

list_scopes as (

    select company_id, app_id, name, identity_mode from applications

    union all

    select company_id, app_id, name, identity_mode from join_applications

),

add_features as (

    select
        list_scopes.company_id,
        list_scopes.app_id,
        list_scopes.name,
        list_scopes.identity_mode,
        list_scopes.identity_mode = 'user' as counts_users,
        coalesce(count_features.features_defined, 0) as features_defined
    from list_scopes
    left join count_features
        on list_scopes.company_id = count_features.company_id
        and list_scopes.app_id = count_features.app_id

)

select * from add_features
