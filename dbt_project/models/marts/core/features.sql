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

list_features as (

    select
        company_id,
        app_id,
        feature_key,
        min(feature_name) as feature_name,
        {{ sorted_list('rule', '; ') }} as rule,
        count(*) as rules,
        {{ as_of_date() }} as as_of_date
    from word_rules
    group by company_id, app_id, feature_key

)

select * from list_features
