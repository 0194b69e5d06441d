with

episodes as (

    select * from {{ ref('int_signal_episodes') }}

),

dismissals as (

    select * from {{ ref('stg_dismissals') }}

),

find_dismissals as (

    select
        episodes.company_id,
        episodes.app_id,
        episodes.external_org_id,
        episodes.signal_type,
        episodes.opened_on,
        dismissals.dismissed_at,
        dismissals.dismissed_by,
        dismissals.reason,
        row_number() over (
            partition by
                episodes.company_id,
                episodes.app_id,
                episodes.external_org_id,
                episodes.signal_type,
                episodes.opened_on
            order by dismissals.dismissed_at
        ) as position
    from episodes
    inner join dismissals
        on episodes.company_id = dismissals.company_id
        and episodes.external_org_id = dismissals.external_org_id
        and episodes.signal_type = dismissals.signal_type
        and dismissals.dismissed_at between episodes.opened_on and episodes.last_held_on

),

keep_earliest_dismissals as (

    select * from find_dismissals
    where position = 1

),

close_episodes as (

    select
        episodes.*,
        dismissals.dismissed_at,
        dismissals.dismissed_by,
        dismissals.reason,
        case
            when episodes.last_held_on < {{ as_of_date() }}
                then {{ add_days('episodes.last_held_on', 1) }}
        end as closed_on
    from episodes
    left join keep_earliest_dismissals as dismissals
        on episodes.company_id = dismissals.company_id
        and episodes.app_id = dismissals.app_id
        and episodes.external_org_id = dismissals.external_org_id
        and episodes.signal_type = dismissals.signal_type
        and episodes.opened_on = dismissals.opened_on

)

select
    company_id,
    reporting_currency,
    app_id,
    external_org_id,
    display_name,
    signal_type,
    signal_type_label,
    signal_type_order,
    opened_on,
    last_held_on,
    closed_on,
    days_held,
    case
        when closed_on is not null then 'resolved'
        when dismissed_at is not null then 'dismissed'
        else 'active'
    end as status,
    dismissed_at,
    dismissed_by,
    reason,
    peak_severity,
    mrr_at_open
from {{ described('close_episodes', 'display_name', 'signal_type', 'reporting_currency') }}
