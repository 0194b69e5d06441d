{{ config(tags=['calls']) }}
with

calls as (

    select * from {{ ref('int_user_calls') }}

),

accounts as (

    select * from {{ ref('user_accounts') }}

),

sent_calls as (

    select * from {{ ref('stg_calls') }}
    where user_hash is not null

),

traits as (

    {{ current_traits('user') }}

),

plan as (

    select * from {{ ref('stg_planned_traits') }}
    where entity = 'user' and requirement = 'required'

),

identified as (

    select * from {{ ref('int_actor_accounts') }}
    where trait = 'account_id' and valid_to = {{ end_of_time() }}

),

sum_accounts as (

    select
        company_id,
        user_hash,
        count(*) as accounts,
        min(first_seen_at) as first_event_at,
        max(last_seen_at) as last_event_at,
        sum(events_30d) as events_30d
    from accounts
    group by company_id, user_hash

),

list_user_ids as (

    select company_id, user_hash from sent_calls

    union

    select company_id, user_hash from {{ ref('int_session_events') }}
    where vendor is null

),

find_user_ids as (

    -- Kept where the policy allows it; where an application identifies instances it is no person's.
    select calls.company_id, calls.user_hash, min(calls.user_id) as user_id
    from sent_calls as calls
    inner join {{ ref('stg_applications') }} as applications
        on calls.company_id = applications.company_id and calls.app_id = applications.app_id
    where applications.identity_mode = 'user'
    group by calls.company_id, calls.user_hash

),

find_settings as (

    -- distinct: users whose calls set a group that has an account
    select distinct company_id, actor_hash as user_hash from {{ ref('int_group_settings') }}
    where account_id is not null

),

join_users as (

    select
        coalesce(calls.company_id, sums.company_id) as company_id,
        coalesce(calls.user_hash, sums.user_hash) as user_hash,
        coalesce(sums.accounts, 0) as accounts,
        calls.identified_at,
        least(coalesce(calls.first_call_at, sums.first_event_at), coalesce(sums.first_event_at, calls.first_call_at)) as first_seen_at,
        greatest(coalesce(calls.last_call_at, sums.last_event_at), coalesce(sums.last_event_at, calls.last_call_at)) as last_seen_at,
        cast(coalesce(sums.events_30d, 0) as bigint) as events_30d
    from calls
    full outer join sum_accounts as sums on calls.company_id = sums.company_id and calls.user_hash = sums.user_hash

),

add_traits as (

    select
        users.*,
        find_user_ids.user_id,
        list_user_ids.user_hash is null as is_anonymous,
        find_settings.user_hash is not null as sets_account,
        identified.account_id as external_org_id,
        traits.traits
    from join_users as users
    {%- for name, hash in {
        'find_user_ids': 'user_hash', 'list_user_ids': 'user_hash', 'find_settings': 'user_hash',
        'identified': 'actor_hash', 'traits': 'entity_id',
    }.items() %}
    left join {{ name }} on users.company_id = {{ name }}.company_id and users.user_hash = {{ name }}.{{ hash }}
    {%- endfor %}

),

find_missing as (

    select
        users.company_id,
        users.user_hash,
        {{ sorted_list('plan.trait') }} as traits_missing
    from add_traits as users
    inner join plan on users.company_id = plan.company_id
    left join {{ ref('trait_history') }} as known
        on users.company_id = known.company_id and known.entity = 'user' and users.user_hash = known.entity_id
        and plan.trait = known.trait and known.is_current
    where
        known.trait is null
        and not (plan.trait = 'user_id' and not users.is_anonymous)
        and not (plan.trait = 'account_id' and users.sets_account)
    group by users.company_id, users.user_hash

)

select
    users.company_id,
    users.user_hash,
    users.user_id,
    {{ email_hash(json_text('users.traits', '$.email')) }} as email_hash,
    users.is_anonymous,
    {{ json_text('users.traits', '$.role') }} as role,
    users.external_org_id,
    {{ trait_id(json_text('users.traits', '$.primary_account_id')) }} as primary_account_id,
    {{ trait_moment('users.traits', 'created_at') }} as created_at,
    {{ trait_moment('users.traits', 'last_active_at') }} as last_active_at,
    {{ json_text('users.traits', '$.subscription_level') }} as subscription_level,
    {{ json_text('users.traits', '$.preferred_language') }} as preferred_language,
    {{ trait_moment('users.traits', 'last_login') }} as last_login,
    {{ json_text('users.traits', '$.industry') }} as industry,
    users.accounts,
    users.identified_at,
    users.first_seen_at,
    users.last_seen_at,
    users.events_30d,
    users.traits,
    coalesce(find_missing.traits_missing, '') as traits_missing,
    {{ as_of_date() }} as as_of_date
from add_traits as users
left join find_missing on users.company_id = find_missing.company_id and users.user_hash = find_missing.user_hash
