-- Signals: MRR and its rank by day, the four conditions, episodes.
create temp table mrr_days as
with

changes as (
    select org, company_id, greatest(day, first_day) as day, sum(change) as change
    from (
        select company_id, external_org_id, valid_from - date '1970-01-01' as day, mrr as change from mrr_intervals
        union all
        select company_id, external_org_id, valid_to - date '1970-01-01' + 1, -mrr from mrr_intervals
    )
    inner join orgs using (company_id, external_org_id)
    inner join (
        select company_id, min(day) as first_day
        from org_starts
        inner join orgs using (org)
        where app = 0
        group by all
    ) using (company_id)
    where day <= getvariable('as_of') - date '1970-01-01'
    group by all
),

amounts as (
    select
        org, company_id, day,
        coalesce(
            lead(day) over (partition by org order by day), getvariable('as_of') - date '1970-01-01' + 1
        ) as until_day,
        (sum(change) over (partition by org order by day))::decimal(18, 2) as mrr
    from changes
)

select org, day, mrr, cume_dist() over (partition by company_id, day order by mrr) as mrr_rank
from (select org, company_id, mrr, unnest(range(day, until_day))::integer as day from amounts where mrr > 0);

create temp table signal_rules as
pivot (
    select companies.company_id, signal_type || '_' || parameter as name, value::decimal(18, 6) as value
    from warehouse.seeds.companies
    inner join warehouse.seeds.signal_rules as rules on rules.company_id in (companies.company_id, '*')
    qualify row_number() over (
        partition by companies.company_id, signal_type, parameter order by rules.company_id = '*'
    ) = 1
)
on name in (
    'revenue_at_risk_max_health_score', 'usage_drop_max_ratio', 'usage_drop_min_previous_events',
    'inactive_paying_inactive_days', 'expansion_candidate_min_health_score', 'expansion_candidate_min_ratio',
    'expansion_candidate_min_previous_events'
)
using first(value)
group by company_id;

create temp table signal_days as
with

candidates as (
    select
        metrics.org, metrics.app, metrics.day, company_id, coalesce(mrr, 0)::decimal(18, 2) as mrr,
        coalesce(mrr_rank, 0) as mrr_rank, health_score, metrics.events_30d,
        events_60d - metrics.events_30d as events_previous_30d,
        ratio(metrics.events_30d, events_60d - metrics.events_30d) as usage_ratio,
        metrics.day - last_seen // 86400 as days_since_last_seen,
        signal_rules.*
    from metrics
    inner join orgs using (org)
    inner join signal_rules using (company_id)
    left join mrr_days on mrr_days.org = metrics.org and mrr_days.day = metrics.day
    left join scores on scores.org = metrics.org and scores.app = metrics.app and scores.day = metrics.day
    where mrr > 0 or metrics.events_30d > 0
),

found as (
    select *, 1 as type, ratio(revenue_at_risk_max_health_score - health_score, revenue_at_risk_max_health_score)
        as severity
    from candidates
    where mrr > 0 and health_score < revenue_at_risk_max_health_score
    union all
    select *, 2, ratio(usage_drop_max_ratio - usage_ratio, usage_drop_max_ratio)
    from candidates
    where mrr > 0 and events_previous_30d >= usage_drop_min_previous_events
        and events_30d < usage_drop_max_ratio * events_previous_30d
    union all
    select *, 3, coalesce(ratio(least(days_since_last_seen, 90), 90), 1)
    from candidates
    where mrr > 0 and coalesce(days_since_last_seen >= inactive_paying_inactive_days, true)
    union all
    select *, 4, least(ratio(usage_ratio - expansion_candidate_min_ratio, expansion_candidate_min_ratio), 1)
    from candidates
    where health_score >= expansion_candidate_min_health_score
        and events_previous_30d >= expansion_candidate_min_previous_events
        and events_30d >= expansion_candidate_min_ratio * events_previous_30d
)

select
    org, app, type, day, severity,
    half_up(100 * (0.3e0 + 0.7e0 * severity) * (0.25e0 + 0.75e0 * mrr_rank)) as priority,
    mrr, health_score, events_30d, events_previous_30d, usage_ratio, days_since_last_seen
from found;

create temp table signal_names as
select
    list_position(['revenue_at_risk', 'usage_drop', 'inactive_paying', 'expansion_candidate'], signal_type) as type,
    signal_type, is_risk, sort_order
from warehouse.seeds.signal_types;

create table marts.signal_scans as
select
    company_id, app_id, external_org_id, signal_type,
    date '1970-01-01' + day as date_day,
    severity, priority, mrr, health_score,
    events_30d::bigint as events_30d, events_previous_30d::bigint as events_previous_30d, days_since_last_seen
from signal_days
inner join signal_names using (type)
inner join orgs using (org)
inner join app_scopes using (company_id, app);

create table marts.signal_episodes as
with

episodes as (
    select
        org, app, type,
        date '1970-01-01' + min(day) as opened_on, date '1970-01-01' + max(day) as last_held_on, count(*) as days_held,
        max(severity) as peak_severity, arg_min(mrr, day) as mrr_at_open
    from (
        select *, day - row_number() over (partition by org, app, type order by day) as island from signal_days
    )
    group by org, app, type, island
),

dismissals as (
    select
        company_id, external_org_id, signal_type, dismissed_at,
        arg_max((reason, dismissed_by), version_number) as last_version
    from warehouse.raw.dismissal_versions
    group by all
)

select
    app_scopes.company_id, app_id, orgs.external_org_id, signal_names.signal_type, opened_on, last_held_on,
    case when last_held_on < getvariable('as_of') then last_held_on + 1 end as closed_on,
    days_held,
    case
        when last_held_on < getvariable('as_of') then 'resolved'
        when dismissed_at is not null then 'dismissed'
        else 'active'
    end as status,
    dismissed_at, last_version[2] as dismissed_by, last_version[1] as reason, peak_severity, mrr_at_open
from episodes
inner join signal_names using (type)
inner join orgs using (org)
inner join app_scopes using (company_id, app)
left join dismissals
    on dismissals.company_id = orgs.company_id and dismissals.external_org_id = orgs.external_org_id
    and dismissals.signal_type = signal_names.signal_type and dismissed_at between opened_on and last_held_on
qualify row_number() over (partition by org, episodes.app, type, opened_on order by dismissed_at) = 1;
