-- One row per user, trait that names an account, and span of time in which it stands for the same one, or for none.
with

versions as (

    select
        *,
        {{ trait_id('value') }} as named_id
    from {{ ref('int_trait_versions') }}
    where entity = 'user' and trait in ('account_id', 'primary_account_id')

),

chains as (

    select * from {{ ref('int_group_chains') }}

)

select
    versions.company_id,
    versions.entity_id as actor_hash,
    versions.trait,
    greatest(versions.holds_from, coalesce(chains.valid_from, versions.holds_from)) as valid_from,
    least(versions.holds_until, coalesce(chains.valid_to, versions.holds_until)) as valid_to,
    chains.account_id
from versions
left join chains
    on versions.company_id = chains.company_id
    and versions.named_id = chains.group_id
    and versions.holds_from < chains.valid_to
    and versions.holds_until > chains.valid_from
