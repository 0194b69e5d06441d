{{ config(tags=['calls']) }}
-- Events of one session, user and day: their groups are rolled up once, however many they are.
with

events as (

    select
        company_id, app_id, external_org_id, coalesce(group_id, external_org_id) as own_group_id, occurred_on, user_hash,
        session_id, occurred_at
    from {{ ref('int_session_events') }}

),

spans as (

    -- distinct: a span has several ancestors
    select distinct company_id, external_org_id, group_id, valid_from, valid_to from {{ ref('int_group_rollup') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

{% set groups = {'external_org_id': 'external_org_id', 'group_id': 'own_group_id'} -%}
{{ find_spans('spans', groups, 'events') }},

gather_events as (

    select
        events.company_id,
        events.app_id,
        events.external_org_id,
        spans.group_id,
        spans.valid_from,
        events.occurred_on as date_day,
        events.user_hash,
        events.session_id,
        count(*) as events,
        max(events.occurred_at) as last_event_at
    from events
    {{ join_spans('spans', groups, 'events') }}
    where spans.group_id is not null
    group by
        events.company_id, events.app_id, events.external_org_id, spans.group_id, spans.valid_from, events.occurred_on,
        events.user_hash, events.session_id

)

select
    uses.company_id,
    uses.app_id,
    uses.external_org_id,
    uses.group_id,
    uses.valid_from,
    uses.date_day,
    -- One user id per organization says nothing about how many people use the product.
    case when scopes.counts_users then uses.user_hash end as user_hash,
    uses.session_id,
    uses.events,
    uses.last_event_at
from gather_events as uses
inner join scopes on uses.company_id = scopes.company_id and uses.app_id = scopes.app_id
