{{ config(tags=['calls']) }}
{#- So many links of a chain count. -#}
{% set most_links = 10 -%}
{% set pair = 'partition by company_id, group_id, ancestor_group_id order by valid_from' -%}
with

chains as (

    select * from {{ ref('int_group_chains') }}

),

seen as (

    select * from {{ ref('int_organizations_seen') }}

),

companies as (

    -- distinct: those whose calls name groups
    select distinct company_id from chains

),

list_groups as (

    select company_id, group_id, parent_group_id, account_id, top_group_id, valid_from, valid_to from chains

    union all

    -- An organization of flat events that no call names is a group by itself, where calls name groups.
    select
        seen.company_id,
        seen.external_org_id as group_id,
        null as parent_group_id,
        seen.external_org_id as account_id,
        seen.external_org_id as top_group_id,
        {{ beginning() }} as valid_from,
        {{ end_of_time() }} as valid_to
    from seen
    inner join companies on seen.company_id = companies.company_id
    left join chains
        on seen.company_id = chains.company_id and seen.external_org_id = chains.group_id
    where chains.group_id is null

),

{{ climb('ancestors', 'list_groups', most_links, {
    'ancestor_group_id': ('states.group_id', 'states.group_id'),
    'account_id': ('states.account_id', 'reached.account_id'),
    'top_group_id': ('states.top_group_id', 'reached.top_group_id'),
}) }}

stack_links as (

    {% for links in range(most_links + 1) -%}
    select *, {{ links }} as links from ancestors_{{ links }}
    where ancestor_group_id is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

judge_places as (

    select
        company_id,
        group_id,
        ancestor_group_id,
        valid_from,
        valid_to,
        links,
        ancestor_group_id = account_id as is_account,
        ancestor_group_id = top_group_id as is_top
    from stack_links

),

find_turns as (

    -- Where an ancestor comes, comes back, or takes another place.
    select
        *,
        case
            when lag(valid_to) over ({{ pair }}) = valid_from and lag(links) over ({{ pair }}) = links
                and lag(is_account) over ({{ pair }}) = is_account and lag(is_top) over ({{ pair }}) = is_top
                then 0
            else 1
        end as is_turn
    from judge_places

),

number_places as (

    select
        *,
        sum(is_turn) over ({{ pair }} rows between unbounded preceding and current row) as place
    from find_turns

),

join_spans as (

    select
        company_id,
        group_id,
        ancestor_group_id,
        min(valid_from) as valid_from,
        nullif(max(valid_to), {{ end_of_time() }}) as valid_to,
        cast(min(links) as bigint) as links,
        is_account,
        is_top
    from number_places
    group by company_id, group_id, ancestor_group_id, place, is_account, is_top

)

select * from join_spans
