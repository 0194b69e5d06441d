{{ config(severity='warn') }}
-- A feature rule for an application that is not registered: it applies to nothing.
select
    definitions.company_id,
    definitions.app_id,
    definitions.feature_key
from {{ ref('feature_definitions') }} as definitions
left join {{ ref('stg_applications') }} as applications
    on definitions.app_id = applications.app_id
    and (definitions.company_id = applications.company_id or definitions.company_id = '*')
where definitions.app_id <> '*' and applications.app_id is null
