with

rules as (

    select * from {{ ref('int_feature_rules') }}

),

word_rules as (

    select
        company_id,
        app_id,
        feature_key,
        feature_name,
        concat(
            case when match_event is null then 'any event' else concat('event ', match_event) end,
            case when match_path is null then '' else concat(' on ', match_path) end
        ) as rule
    from rules

),

stack_scopes as (

    select * from word_rules

    union all

    -- A feature of several applications is one of the company, by the rules of all of them.
    select
        company_id,
        'all' as app_id,
        feature_key,
        min(feature_name) as feature_name,
        rule
    from word_rules
    group by company_id, feature_key, rule

),

list_features as (

    select
        company_id,
        app_id,
        feature_key,
        min(feature_name) as feature_name,
        {{ sorted_list('rule', '; ') }} as rule,
        count(*) as rules,
        {{ as_of_date() }} as as_of_date
    from stack_scopes
    group by company_id, app_id, feature_key

)

select * from list_features
