{#- The reference table of the same name is the node `applications`; names of nodes are unique in a project. -#}
{{ config(alias='applications') }}

with

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

date_applications as (

    select
        company_id,
        app_id,
        name,
        identity_mode,
        cast(features_defined as bigint) as features_defined,
        {{ as_of_date() }} as as_of_date
    from scopes

)

select * from date_applications
