{{ config(tags=['calls']) }}
-- What groups, and all below them, did in the last 30 days, in the 30 before, and last.
with

uses as (

    select * from {{ ref('int_group_use') }}

),

ancestors as (

    select * from {{ ref('int_group_rollup') }}

),

sessions as (

    select * from {{ ref('int_sessions') }}

),

add_starts as (

    select uses.*, cast(sessions.started_at as date) as started_on
    from uses
    inner join sessions on uses.company_id = sessions.company_id and uses.session_id = sessions.session_id

)

select
    uses.company_id,
    ancestors.ancestor_group_id as group_id,
    cast(sum(case when {{ within_windows('uses.date_day') }} then uses.events else 0 end) as bigint) as events_30d,
    cast(sum(
        case when {{ within_windows('uses.date_day', 2) }} and not {{ within_windows('uses.date_day') }} then uses.events else 0 end
    ) as bigint) as events_previous_30d,
    count(distinct case when {{ within_windows('uses.started_on') }} then uses.session_id end) as sessions_30d,
    count(distinct case when {{ within_windows('uses.date_day') }} then uses.user_hash end) as active_users_30d,
    max(uses.last_event_at) as last_seen_at
from add_starts as uses
inner join ancestors
    on uses.company_id = ancestors.company_id and uses.external_org_id = ancestors.external_org_id
    and uses.group_id = ancestors.group_id and uses.valid_from = ancestors.valid_from
group by uses.company_id, ancestors.ancestor_group_id
