{{ config(tags=['calls'], meta={'dagster': {'ref': {'name': 'group_hierarchy'}}}) }}
-- Groups that at some time have not exactly one top, one account and themselves above them, or one ancestor twice.
with

hierarchy as (

    select *, coalesce(valid_to, {{ end_of_time() }}) as ends_at from {{ ref('group_hierarchy') }}

),

list_changes as (

    -- What comes and what goes; every group has a place from the beginning on.
    select company_id, group_id, valid_from as moment, 1 as change, links, is_top, is_account from hierarchy

    union all

    select company_id, group_id, valid_to as moment, -1 as change, links, is_top, is_account from hierarchy
    where valid_to is not null

    union all

    select company_id, group_id, {{ beginning() }} as moment, 0 as change, 0 as links, false as is_top, false as is_account
    from {{ ref('groups') }}

),

sum_changes as (

    select
        company_id,
        group_id,
        moment,
        sum(change) as ancestors,
        sum(case when links = 0 then change else 0 end) as selves,
        sum(case when is_top then change else 0 end) as tops,
        sum(case when is_account then change else 0 end) as accounts,
        sum(change * links) as links
    from list_changes
    group by company_id, group_id, moment

),

count_places as (

    select
        company_id, group_id, moment,
        {% for number in ['ancestors', 'selves', 'tops', 'accounts', 'links'] -%}
        sum({{ number }}) over (
            partition by company_id, group_id order by moment rows between unbounded preceding and current row
        ) as {{ number }}{{ ',' if not loop.last }}
        {% endfor %}
    from sum_changes

),

find_overlaps as (

    {% for key in ['ancestor_group_id', 'links'] -%}
    select
        company_id, group_id, valid_from as moment, ends_at,
        lead(valid_from) over (partition by company_id, group_id, {{ key }} order by valid_from) as next_from
    from hierarchy
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select company_id, group_id, moment from count_places
-- Without overlaps no two ancestors have as many links: the sum is that of 0, 1, 2 ... only where none is left out.
where selves <> 1 or tops <> 1 or accounts <> 1 or 2 * links <> ancestors * (ancestors - 1)

union all

select company_id, group_id, moment from find_overlaps
where next_from < ends_at
