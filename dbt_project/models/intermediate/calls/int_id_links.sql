with

list_links as (

    -- distinct: an id is sent with a user by many calls
    select distinct
        company_id,
        case when kind = 'alias' and not is_merge then previous_hash end as alias_id,
        case when is_merge then previous_hash else anonymous_hash end as shared_id,
        user_hash as to_id,
        kind in ('identify', {{ usage_kinds() }}) as is_user
    from {{ ref('stg_calls') }}
    where user_hash is not null

),

list_user_ids as (

    -- distinct: a user is sent with several ids
    select distinct company_id, to_id as user_hash from list_links
    where is_user

),

keep_links as (

    select company_id, alias_id as from_id, to_id from list_links
    where alias_id <> to_id

    union

    select links.company_id, links.shared_id as from_id, links.to_id
    from list_links as links
    left join list_user_ids
        on links.company_id = list_user_ids.company_id
        and links.shared_id = list_user_ids.user_hash
    where links.shared_id <> links.to_id and list_user_ids.user_hash is null

),

keep_single_targets as (

    select company_id, from_id, min(to_id) as to_id from keep_links
    group by company_id, from_id
    having count(*) = 1

)

select * from keep_single_targets
