{{ config(materialized='ephemeral') }}
{% set scope = ['company_id', 'app_id', 'month'] -%}
{#- The moment after the last one of a month, or of D. -#}
{% set month_over = add_days('least(' ~ month_end('accounts.month') ~ ', ' ~ as_of_date() ~ ')', 1) -%}
-- depends_on: {{ ref('int_trait_versions') }}
with

applications as (

    {{ scopes_of_applications() }}

),

list_accounts as (

    select
        days.company_id, applications.scope as app_id, {{ start_of('month', 'days.date_day') }} as month, days.external_org_id,
        max(case when applications.counts_users then 0 else 1 end) as is_instance
    from {{ ref('int_organization_event_days') }} as days
    inner join applications on days.company_id = applications.company_id and days.app_id = applications.app_id
    where days.events > 0
    group by days.company_id, applications.scope, {{ start_of('month', 'days.date_day') }}, days.external_org_id

),

count_accounts as (

    -- What accounts say of their users at the month's end, or on D.
    select
        accounts.{{ scope | join(', accounts.') }},
        count(*) as accounts,
        cast(sum(accounts.is_instance) as bigint) as instances,
        {%- if reads_calls() %}
        cast(sum(case when accounts.is_instance = 1 then {{ number_of_users('traits.value') }} end) as bigint) as estimate,
        count(case when accounts.is_instance = 1 and {{ number_of_users('traits.value') }} is null then 1 end) as without_count
        {%- else %}
        cast(null as bigint) as estimate,
        cast(sum(accounts.is_instance) as bigint) as without_count
        {%- endif %}
    from list_accounts as accounts
    {%- if reads_calls() %}
    left join {{ ref('int_trait_versions') }} as traits
        on traits.entity = 'group' and traits.trait = 'number_of_users'
        and accounts.company_id = traits.company_id and accounts.external_org_id = traits.entity_id
        and traits.valid_from < {{ month_over }} and traits.holds_until >= {{ month_over }}
    {%- endif %}
    group by accounts.{{ scope | join(', accounts.') }}

)

select * from count_accounts
