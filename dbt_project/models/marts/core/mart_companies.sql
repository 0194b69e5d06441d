{#- The reference table of the same name is the node `companies`; names of nodes are unique in a project. -#}
{{ config(alias='companies') }}

with

companies as (

    select * from {{ ref('stg_companies') }}

),

date_companies as (

    select
        company_id,
        name,
        plan,
        reporting_currency,
        {{ as_of_date() }} as as_of_date
    from companies

)

select * from date_companies
