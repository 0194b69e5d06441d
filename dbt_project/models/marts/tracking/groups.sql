{{ config(tags=['calls']) }}
with

places as (

    select * from {{ ref('int_group_places') }}

),

totals as (

    select * from {{ ref('int_group_totals') }}

),

hierarchy as (

    select * from {{ ref('group_hierarchy') }}
    where valid_to is null

),

revenue as (

    select * from {{ ref('int_organization_revenue') }}

),

traits as (

    {{ current_traits('group') }}

),

sum_mrr as (

    select hierarchy.company_id, hierarchy.ancestor_group_id as group_id, sum(revenue.mrr) as mrr
    from hierarchy
    inner join revenue on hierarchy.company_id = revenue.company_id and hierarchy.group_id = revenue.external_org_id
    group by hierarchy.company_id, hierarchy.ancestor_group_id

),

find_accounts as (

    -- Without an account above it a group is its newest event's account's.
    select
        company_id,
        own_group_id as group_id,
        max({{ record({
            'moment': moment_in_order(), 'event': 'event', 'path': "coalesce(path, '')", 'user_hash': 'user_hash',
            'event_id': 'event_id', 'external_org_id': 'external_org_id',
        }) }}) as newest_event
    from (select *, coalesce(group_id, external_org_id) as own_group_id from {{ ref('int_session_events') }}) as events
    where (company_id, own_group_id) in (
        select places.company_id, places.group_id from places
        where places.nearest_account_id is null
    )
    group by company_id, own_group_id

),

{% set issues = {
    'circle': 'places.is_circle',
    'imported_below_account': 'places.is_imported_below_account',
    'missing_parent': 'places.misses_parent',
    'no_account_above': 'places.nearest_account_id is null and places.level > 1',
    'several_types': 'places.has_several_types',
    'too_deep': 'places.is_too_deep',
    'undefined': 'not places.is_defined',
} -%}

gather_facts as (

    select
        places.company_id,
        places.group_id,
        places.group_type,
        cast(places.level as bigint) as level,
        names.display_name as name,
        places.is_defined,
        coalesce(places.group_type = 'account', false) as is_account,
        places.parent_group_id,
        coalesce(places.nearest_account_id, (find_accounts.newest_event).external_org_id, places.top_group_id) as external_org_id,
        places.top_group_id,
        places.links,
        places.children,
        {{ json_text('traits.traits', '$.status') }} as status,
        coalesce(totals.events_30d, 0) as events_30d,
        coalesce(totals.events_previous_30d, 0) as events_previous_30d,
        case when scopes.counts_users then coalesce(totals.active_users_30d, 0) end as active_users_30d,
        coalesce(totals.sessions_30d, 0) as sessions_30d,
        totals.last_seen_at,
        cast(places.named_calls as bigint) as named_calls,
        places.last_named_at,
        cast(coalesce(revenue.mrr, 0) as decimal(18, 2)) as mrr_own,
        cast(coalesce(sum_mrr.mrr, 0) as decimal(18, 2)) as mrr,
        {{ trait_moment('traits.traits', 'created_at') }} as created_at,
        places.first_defined_at,
        traits.traits,
        {{ joined_flags(issues) }} as issues,
        {{ as_of_date() }} as as_of_date
    from places
    inner join {{ ref('int_application_scopes') }} as scopes
        on places.company_id = scopes.company_id and scopes.app_id = 'all'
    {%- for name in ['totals', 'sum_mrr', 'find_accounts'] %}
    left join {{ name }} on places.company_id = {{ name }}.company_id and places.group_id = {{ name }}.group_id
    {%- endfor %}
    left join {{ organization_names() }} as names
        on places.company_id = names.company_id and places.group_id = names.external_org_id
    left join revenue on places.company_id = revenue.company_id and places.group_id = revenue.external_org_id
    left join traits on places.company_id = traits.company_id and places.group_id = traits.entity_id

)

select * from {{ described('gather_facts', 'display_name', 'reporting_currency') }}
