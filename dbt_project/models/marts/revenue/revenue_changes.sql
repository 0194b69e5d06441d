{%- set change_types = ['started', 'ended', 'started_and_ended', 'scheduled_start', 'scheduled_end'] -%}
with

companies as (

    select * from {{ ref('stg_companies') }}

),

changes as (

    select * from {{ ref('revenue_change_details') }}

),

list_change_types as (

    {%- for change_type in change_types %}
    select
        company_id,
        '{{ change_type }}' as change_type
    from companies
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

sum_changes as (

    select
        list_change_types.company_id,
        list_change_types.change_type,
        {{ sum_money('changes.mrr') }} as mrr,
        count(changes.subscription_id) as subscriptions,
        count(distinct changes.external_org_id) as organizations
    from list_change_types
    left join changes
        on list_change_types.company_id = changes.company_id
        and list_change_types.change_type = changes.change_type
    group by list_change_types.company_id, list_change_types.change_type

),

sign_changes as (

    select
        *,
        case change_type when 'started' then 1 when 'ended' then -1 end as direction
    from sum_changes

),

add_net as (

    select company_id, change_type, mrr, subscriptions, organizations
    from sum_changes

    union all

    select
        company_id,
        'net' as change_type,
        {{ sum_money('direction * mrr') }} as mrr,
        cast(sum(direction * subscriptions) as bigint) as subscriptions,
        cast(null as bigint) as organizations
    from sign_changes
    where direction is not null
    group by company_id

)

select
    company_id,
    reporting_currency,
    change_type,
    {{ label_and_order('change_type') }},
    mrr,
    subscriptions,
    organizations,
    {{ as_of_date() }} as as_of_date
from {{ described('add_net', 'reporting_currency') }}
