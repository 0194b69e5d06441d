{{ config(tags=['calls']) }}
{#- The groups as they are at the end of D. -#}
{% set on_d = 'valid_from < ' ~ add_days(as_of_date(), 1) ~ ' and valid_to >= ' ~ add_days(as_of_date(), 1) -%}
{% set account = 'company_id, external_org_id' -%}
with

organizations as (

    select
        coalesce(imported.company_id, seen.company_id) as company_id,
        coalesce(imported.external_org_id, seen.external_org_id) as external_org_id,
        seen.external_org_id is not null as has_events
    from {{ ref('stg_organizations') }} as imported
    full outer join {{ ref('int_organizations_seen') }} as seen
        on imported.company_id = seen.company_id and imported.external_org_id = seen.external_org_id

),

groups as (

    select company_id, group_id as external_org_id, group_type from {{ ref('int_group_chains') }}
    where is_defined and {{ on_d }}

),

group_companies as (

    -- distinct: a company sends many group calls
    select distinct company_id from {{ ref('stg_calls') }}
    where kind = 'group'

),

list_accounts as (

    select {{ account }} from organizations

    union

    select {{ account }} from groups
    where group_type = 'account'

),

plans as (

    select company_id, entity_id as external_org_id, value as plan, valid_from as plan_from from {{ ref('int_trait_versions') }}
    where entity = 'group' and trait = 'plan' and holds_until = {{ end_of_time() }} and value is not null

),

match_products as (

    -- Whether one of the products is the plan, however it is spelled.
    select
        products.company_id,
        products.external_org_id,
        max(case when {{ name_key('products.product_code') }} = {{ name_key('plans.plan') }} then 1 else 0 end) = 1 as has_plan
    from {{ ref('int_subscriptions_current') }} as products
    inner join plans
        on products.company_id = plans.company_id and products.external_org_id = plans.external_org_id
    where products.is_active
    group by products.company_id, products.external_org_id

),

changes as (

    select
        company_id, external_org_id, occurred_at, {{ json_text('to_plan', '$') }} as to_plan,
        row_number() over (
            partition by {{ account }}
            order by
                occurred_at desc, event desc, path desc nulls last, user_hash desc nulls last, event_id desc, app_id desc
        ) as place
    from {{ ref('int_lifecycle_events') }}
    where event in ('plan.upgraded', 'plan.downgraded')

)

select
    accounts.company_id,
    accounts.external_org_id,
    groups.external_org_id is not null as is_defined,
    coalesce(organizations.has_events, false) as has_events,
    coalesce(revenue.mrr, 0) as mrr,
    revenue.product_codes,
    first_days.first_mrr_day,
    traits.mrr as mrr_trait,
    cast(traits.valid_from as date) as mrr_trait_from,
    plans.plan,
    plans.plan_from,
    match_products.has_plan,
    changes.to_plan,
    changes.occurred_at as changed_at
from list_accounts as accounts
inner join group_companies on accounts.company_id = group_companies.company_id
{%- for found, name in {
    'groups': 'groups', 'organizations': 'organizations', ref('int_organization_revenue'): 'revenue',
    ref('int_organization_first_mrr_day'): 'first_days', 'plans': 'plans', 'match_products': 'match_products',
}.items() %}
left join {{ found }} as {{ name }}
    on accounts.company_id = {{ name }}.company_id and accounts.external_org_id = {{ name }}.external_org_id
{%- endfor %}
left join {{ ref('int_mrr_traits') }} as traits
    on accounts.company_id = traits.company_id and accounts.external_org_id = traits.group_id
left join changes
    on accounts.company_id = changes.company_id and accounts.external_org_id = changes.external_org_id and changes.place = 1
