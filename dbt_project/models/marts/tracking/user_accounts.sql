{{ config(tags=['calls']) }}
{% set weight = 'cast(coalesce(weights.weight, 1) as decimal(18, 4))' -%}
with

pairs as (

    select * from {{ ref('int_user_accounts') }}

),

roles as (

    select * from {{ ref('int_user_roles') }}

),

weights as (

    select company_id, {{ name_key('role') }} as role_key, max(weight) as weight
    from ({{ resolve_rules(ref('role_weights'), keys=['role'], values=['weight']) }}) as resolved
    group by company_id, {{ name_key('role') }}

),

preferred as (

    -- The account of the trait primary_account_id, on D.
    select * from {{ ref('int_actor_accounts') }}
    where trait = 'primary_account_id' and valid_to = {{ end_of_time() }}

),

recent_events as (

    select events.company_id, events.user_hash, events.external_org_id, events.occurred_at
    from {{ ref('int_session_events') }} as events
    inner join {{ ref('stg_applications') }} as applications
        on events.company_id = applications.company_id and events.app_id = applications.app_id
        and applications.identity_mode = 'user'
    where {{ within_windows('events.occurred_on') }}

),

{% set pair = {'user_hash': 'user_hash', 'external_org_id': 'external_org_id'} -%}
{{ find_spans('roles', pair, 'recent_events') }},

weigh_events as (

    -- Each event by the role of its time.
    select
        events.company_id,
        events.user_hash,
        events.external_org_id,
        sum({{ weight }}) as weighted_events_30d
    from recent_events as events
    inner join pairs
        on events.company_id = pairs.company_id and events.user_hash = pairs.user_hash
        and events.external_org_id = pairs.external_org_id
    {{ join_spans('roles', pair, 'events') }}
    left join weights on roles.company_id = weights.company_id and roles.role_key = weights.role_key
    group by events.company_id, events.user_hash, events.external_org_id

),

rank_accounts as (

    select
        pairs.*,
        row_number() over (
            partition by pairs.company_id, pairs.user_hash
            order by
                case when pairs.external_org_id = preferred.account_id then 0 else 1 end,
                pairs.events_30d desc, pairs.last_seen_at desc nulls last, pairs.external_org_id
        ) as place
    from pairs
    left join preferred on pairs.company_id = preferred.company_id and pairs.user_hash = preferred.actor_hash

),

gather_facts as (

    select
        pairs.company_id,
        pairs.user_hash,
        pairs.external_org_id,
        roles.role,
        {{ weight }} as role_weight,
        pairs.place = 1 as is_primary,
        pairs.sources,
        pairs.first_seen_at,
        pairs.last_seen_at,
        pairs.events,
        pairs.events_30d,
        cast(coalesce(weighed.weighted_events_30d, 0) as decimal(18, 4)) as weighted_events_30d,
        {{ as_of_date() }} as as_of_date
    from rank_accounts as pairs
    left join roles
        on pairs.company_id = roles.company_id and pairs.user_hash = roles.user_hash
        and pairs.external_org_id = roles.external_org_id and roles.valid_to = {{ end_of_time() }}
    left join weights on roles.company_id = weights.company_id and roles.role_key = weights.role_key
    left join weigh_events as weighed
        on pairs.company_id = weighed.company_id and pairs.user_hash = weighed.user_hash
        and pairs.external_org_id = weighed.external_org_id

)

select * from {{ described('gather_facts', 'display_name') }}
