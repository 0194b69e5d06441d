{{ config(tags=['calls']) }}
with

users as (

    select * from {{ ref('int_users') }}

),

traits as (

    {{ current_traits('user') }}

),

plan as (

    select * from ({{ planned_traits() }}) as traits
    where entity = 'user' and requirement = 'required'

),

known as (

    {{ known_traits() }}

),

identified as (

    select * from {{ ref('int_actor_accounts') }}
    where trait = 'account_id' and valid_to = {{ end_of_time() }}

),

find_missing as (

    select
        users.company_id,
        users.user_hash,
        {{ sorted_list('plan.trait') }} as traits_missing
    from users
    inner join plan on users.company_id = plan.company_id
    left join known
        on users.company_id = known.company_id and known.entity = 'user' and users.user_hash = known.entity_id
        and plan.trait = known.trait
    where known.trait is null
    group by users.company_id, users.user_hash

),

gather_facts as (

    select
        users.company_id,
        users.user_hash,
        users.user_id,
        {{ email_hash(json_text('traits.traits', '$.email')) }} as email_hash,
        users.is_anonymous,
        {{ json_text('traits.traits', '$.role') }} as role,
        identified.account_id as external_org_id,
        {{ trait_id(json_text('traits.traits', '$.primary_account_id')) }} as primary_account_id,
        {{ trait_moment('traits.traits', 'created_at') }} as created_at,
        {{ trait_moment('traits.traits', 'last_active_at') }} as last_active_at,
        {{ json_text('traits.traits', '$.subscription_level') }} as subscription_level,
        {{ json_text('traits.traits', '$.preferred_language') }} as preferred_language,
        {{ trait_moment('traits.traits', 'last_login') }} as last_login,
        {{ json_text('traits.traits', '$.industry') }} as industry,
        users.accounts,
        users.identified_at,
        users.first_seen_at,
        users.last_seen_at,
        users.events_30d,
        traits.traits,
        coalesce(find_missing.traits_missing, '') as traits_missing,
        {{ as_of_date() }} as as_of_date
    from users
    left join traits on users.company_id = traits.company_id and users.user_hash = traits.entity_id
    left join identified on users.company_id = identified.company_id and users.user_hash = identified.actor_hash
    left join find_missing on users.company_id = find_missing.company_id and users.user_hash = find_missing.user_hash

)

select * from {{ described('gather_facts', 'display_name') }}
