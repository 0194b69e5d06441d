{{ config(tags=['calls']) }}
select * from {{ ref('int_group_hierarchy') }}
