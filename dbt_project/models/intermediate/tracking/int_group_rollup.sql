{{ config(tags=['calls']) }}
{% set pair = 'company_id, external_org_id, group_id' -%}
-- For which groups an event counts: all in the chains of its group and of its account at its time.
with

events as (

    select company_id, external_org_id, coalesce(group_id, external_org_id) as group_id
    from {{ ref('int_session_events') }}

),

hierarchy as (

    select * from {{ ref('int_group_hierarchy') }}

),

list_pairs as (

    -- distinct: many events have one account and group; a company whose calls name no groups has none
    select distinct events.company_id, events.external_org_id, events.group_id
    from events
    inner join hierarchy
        on events.company_id = hierarchy.company_id and events.external_org_id = hierarchy.group_id
        and hierarchy.links = 0

),

list_moments as (

    select pairs.company_id, pairs.external_org_id, pairs.group_id, hierarchy.valid_from
    from list_pairs as pairs
    inner join hierarchy
        on pairs.company_id = hierarchy.company_id and pairs.group_id = hierarchy.group_id

    union

    select pairs.company_id, pairs.external_org_id, pairs.group_id, hierarchy.valid_from
    from list_pairs as pairs
    inner join hierarchy
        on pairs.company_id = hierarchy.company_id and pairs.external_org_id = hierarchy.group_id

),

span_moments as (

    select
        *,
        lead(valid_from, 1, {{ end_of_time() }}) over (partition by {{ pair }} order by valid_from) as valid_to
    from list_moments

),

list_ancestors as (

    {% for member in ['group_id', 'external_org_id'] -%}
    select
        spans.company_id, spans.external_org_id, spans.group_id, spans.valid_from, spans.valid_to,
        hierarchy.ancestor_group_id,
        {{ 'hierarchy.is_top' if member == 'external_org_id' else 'false' }} as is_top
    from span_moments as spans
    inner join hierarchy
        on spans.company_id = hierarchy.company_id and spans.{{ member }} = hierarchy.group_id
        and spans.valid_from >= hierarchy.valid_from
        and spans.valid_from < coalesce(hierarchy.valid_to, {{ end_of_time() }})
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

join_chains as (

    select
        {{ pair }},
        valid_from,
        valid_to,
        ancestor_group_id,
        max(case when is_top then 1 else 0 end) = 1 as is_top_of_account
    from list_ancestors
    group by {{ pair }}, valid_from, valid_to, ancestor_group_id

)

select * from join_chains
