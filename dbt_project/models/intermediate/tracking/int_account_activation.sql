{% set account = 'company_id, external_org_id' -%}
-- How far accounts have come by the activation rules of their company. Every organization is an account.
with

defined_groups as (

    {% if reads_calls() or not execute -%}
    select places.company_id, places.group_id as external_org_id, places.group_type,
        {{ trait_moment('traits.traits', 'created_at') }} as created_at
    from {{ ref('int_group_places') }} as places
    left join ({{ current_traits('group') }}) as traits
        on places.company_id = traits.company_id and places.group_id = traits.entity_id
    where places.is_defined
    {%- else -%}
    select {{ account }}, null as group_type, cast(null as timestamp) as created_at from {{ ref('stg_organizations') }}
    where false
    {%- endif %}

),

list_accounts as (

    select {{ account }} from {{ ref('stg_organizations') }}

    union

    select {{ account }} from {{ ref('int_organizations_seen') }}

    union

    select {{ account }} from defined_groups
    where group_type = 'account'

),

find_starts as (

    select
        accounts.company_id,
        accounts.external_org_id,
        least(
            coalesce(cast(defined_groups.created_at as date), starts.first_event_day),
            coalesce(starts.first_event_day, cast(defined_groups.created_at as date))
        ) as started_on
    from list_accounts as accounts
    left join defined_groups
        on accounts.company_id = defined_groups.company_id and accounts.external_org_id = defined_groups.external_org_id
    left join {{ ref('int_organization_starts') }} as starts
        on starts.app_id = 'all' and accounts.company_id = starts.company_id and accounts.external_org_id = starts.external_org_id

),

sum_until_days as (

    -- Of all applications together.
    select
        days.company_id,
        days.external_org_id,
        days.feature_key,
        days.date_day,
        rules.min_events,
        sum(sum(days.events)) over (
            partition by days.company_id, days.external_org_id, days.feature_key order by days.date_day
            rows between unbounded preceding and current row
        ) as events_until
    from {{ ref('int_feature_days') }} as days
    inner join {{ ref('activation_rules') }} as rules on days.company_id = rules.company_id and days.feature_key = rules.feature_key
    group by days.company_id, days.external_org_id, days.feature_key, days.date_day, rules.min_events

),

find_days as (

    select {{ account }}, feature_key, min(date_day) as reached_on from sum_until_days
    where events_until >= min_events
    group by {{ account }}, feature_key

),

judge_rules as (

    select
        starts.company_id,
        starts.external_org_id,
        starts.started_on,
        rules.feature_key,
        days.reached_on,
        {{ add_days('starts.started_on', 'cast(rules.within_days as integer) - 1') }} as last_day
    from find_starts as starts
    left join {{ ref('activation_rules') }} as rules on starts.company_id = rules.company_id
    left join find_days as days
        on starts.company_id = days.company_id and starts.external_org_id = days.external_org_id
        and rules.feature_key = days.feature_key

),

count_rules as (

    select
        {{ account }},
        min(started_on) as started_on,
        count(feature_key) as rules_defined,
        count(case when coalesce(reached_on <= last_day, reached_on is not null) then 1 end) as rules_met,
        count(case when coalesce(reached_on > last_day, reached_on is null) and last_day < {{ as_of_date() }} then 1 end)
            as rules_missed,
        max(reached_on) as last_reached_on
    from judge_rules
    group by {{ account }}

)

select
    *,
    case
        when rules_defined = 0 then 'not_defined'
        when rules_met = rules_defined then 'activated'
        when rules_missed > 0 then 'missed'
        else 'pending'
    end as activation_state
from count_rules
