{{ config(tags=['calls']) }}
{% set pair = 'company_id, external_org_id, group_id' -%}
-- For which groups an event counts: all in the chains of its group and of its account at its time.
with

events as (

    select company_id, external_org_id, coalesce(group_id, external_org_id) as group_id
    from {{ ref('int_session_events') }}

),

hierarchy as (

    select
        company_id, group_id, ancestor_group_id, links, is_top, valid_from,
        coalesce(valid_to, {{ end_of_time() }}) as valid_to
    from {{ ref('int_group_hierarchy') }}

),

list_pairs as (

    -- distinct: many events have one account and group; a company whose calls name no groups has none
    select distinct events.company_id, events.external_org_id, events.group_id
    from events
    inner join hierarchy
        on events.company_id = hierarchy.company_id and events.external_org_id = hierarchy.group_id
        and hierarchy.links = 0

),

list_ancestors as (

    {% for member in ['group_id', 'external_org_id'] -%}
    select
        pairs.company_id, pairs.external_org_id, pairs.group_id, hierarchy.ancestor_group_id,
        hierarchy.valid_from, hierarchy.valid_to,
        {{ 'hierarchy.is_top' if member == 'external_org_id' else 'false' }} as is_top
    from list_pairs as pairs
    inner join hierarchy
        on pairs.company_id = hierarchy.company_id and pairs.{{ member }} = hierarchy.group_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

list_moments as (

    select {{ pair }}, valid_from as moment from list_ancestors
    union
    select {{ pair }}, valid_to as moment from list_ancestors
    where valid_to < {{ end_of_time() }}

),

number_spans as (

    select
        {{ pair }},
        moment as valid_from,
        lead(moment, 1, {{ end_of_time() }}) over (partition by {{ pair }} order by moment) as valid_to,
        row_number() over (partition by {{ pair }} order by moment) as place
    from list_moments

),

place_ancestors as (

    -- By the numbers of its first and last span: a range of time would be compared with all spans of the pair.
    select
        ancestors.company_id, ancestors.external_org_id, ancestors.group_id, ancestors.ancestor_group_id, ancestors.is_top,
        {{ number_rows('starts.place', 'ends.place') }} as place
    from list_ancestors as ancestors
    {%- for spans, border in {'starts': 'valid_from', 'ends': 'valid_to'}.items() %}
    inner join number_spans as {{ spans }}
        on ancestors.company_id = {{ spans }}.company_id and ancestors.external_org_id = {{ spans }}.external_org_id
        and ancestors.group_id = {{ spans }}.group_id and ancestors.{{ border }} = {{ spans }}.{{ border }}
    {%- endfor %}

),

join_chains as (

    select
        spans.company_id, spans.external_org_id, spans.group_id, spans.valid_from, spans.valid_to,
        ancestors.ancestor_group_id,
        max(case when ancestors.is_top then 1 else 0 end) = 1 as is_top_of_account
    from place_ancestors as ancestors
    inner join number_spans as spans
        on ancestors.company_id = spans.company_id and ancestors.external_org_id = spans.external_org_id
        and ancestors.group_id = spans.group_id and ancestors.place = spans.place
    group by
        spans.company_id, spans.external_org_id, spans.group_id, spans.valid_from, spans.valid_to, ancestors.ancestor_group_id

)

select * from join_chains
