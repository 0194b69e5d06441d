with

applications as (

    select * from {{ ref('stg_applications') }}

),

patterns as (

    select
        *,
        {{ strip_segment_names('path_pattern') }} as nameless_pattern
    from {{ ref('page_paths') }}

),

translate_patterns as (

    select
        company_id,
        app_id,
        path_pattern,
        {{ path_pattern_to_regexp('nameless_pattern') }} as path_regexp,
        {{ wildcard_to_like("replace(nameless_pattern, '/:', '/*')") }} as like_path,
        length(replace(replace(nameless_pattern, '/:', '/'), '*', '')) as literal_characters,
        length(nameless_pattern) - length(replace(nameless_pattern, '*', '')) as wildcards
    from patterns

),

apply_to_applications as (

    select
        applications.company_id,
        applications.app_id,
        translate_patterns.path_pattern,
        translate_patterns.path_regexp,
        translate_patterns.like_path,
        row_number() over (
            partition by applications.company_id, applications.app_id
            order by
                case when translate_patterns.company_id = '*' then 1 else 0 end,
                case when translate_patterns.app_id = '*' then 1 else 0 end,
                translate_patterns.literal_characters desc,
                translate_patterns.wildcards,
                translate_patterns.path_pattern
        ) as preference
    from applications
    inner join translate_patterns
        on (applications.company_id = translate_patterns.company_id or translate_patterns.company_id = '*')
        and (applications.app_id = translate_patterns.app_id or translate_patterns.app_id = '*')

)

select * from apply_to_applications
