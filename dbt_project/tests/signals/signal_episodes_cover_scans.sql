{{ config(meta={'dagster': {'ref': {'name': 'signal_episodes'}}}) }}
-- Every day on which a signal held lies in exactly one episode of it.
with

scans as (

    select * from {{ ref('signal_scans') }}

),

episodes as (

    select * from {{ ref('signal_episodes') }}

)

select
    scans.company_id,
    scans.app_id,
    scans.external_org_id,
    scans.signal_type,
    scans.date_day,
    count(episodes.opened_on) as episodes
from scans
left join episodes
    on scans.company_id = episodes.company_id
    and scans.app_id = episodes.app_id
    and scans.external_org_id = episodes.external_org_id
    and scans.signal_type = episodes.signal_type
    and scans.date_day between episodes.opened_on and episodes.last_held_on
group by 1, 2, 3, 4, 5
having count(episodes.opened_on) <> 1
