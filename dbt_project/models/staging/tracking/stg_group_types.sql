{{ config(materialized='ephemeral') }}
-- The own rows of a company win over those for all; a type is spelled as its name, or as one of its other names.
with

types as (

    {{ resolve_rules(ref('group_types'), keys=['group_type'], values=['level', 'also_sent_as']) }}

),

list_names as (

    select company_id, group_type, level, group_type as name from types

    union all

    select company_id, group_type, level, {{ split_rows('also_sent_as', '|') }} as name from types
    where also_sent_as is not null

)

-- distinct: names of one row may have one key
select distinct
    company_id,
    {{ name_key('name') }} as name_key,
    group_type,
    level
from list_names
