with

rules as (

    select * from {{ ref('int_feature_rules') }}

),

list_features as (

    -- distinct: a feature with several rules is one feature
    select distinct company_id, app_id, feature_key from rules

    union all

    -- distinct: a feature of several applications is one feature of the company
    select distinct company_id, 'all' as app_id, feature_key from rules

)

select * from list_features
