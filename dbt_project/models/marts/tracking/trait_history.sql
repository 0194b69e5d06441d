{{ config(tags=['calls']) }}
with

versions as (

    select * from {{ ref('int_trait_versions') }}
    where value is not null

)

select
    company_id,
    entity,
    entity_id,
    trait,
    valid_from,
    nullif(holds_until, {{ end_of_time() }}) as valid_to,
    holds_until = {{ end_of_time() }} as is_current,
    value,
    call_id
from versions
