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

create temp table today as
select
    company_id, external_org_id, app, app_id, org, day, reporting_currency,
    signal_type, type, is_risk, sort_order,
    priority, severity, opened_on, days_held as days_open, days.mrr, days.health_score, days.days_since_last_seen,
    make_timestamp(last_seen * 1000000) as last_seen_at,
    usage_ratio, days.events_30d, days.events_previous_30d
from signal_days as days
inner join signal_names using (type)
inner join orgs using (org)
inner join app_scopes using (company_id, app)
inner join warehouse.seeds.companies using (company_id)
inner join (select org, app, day, last_seen from metrics) using (org, app, day)
inner join marts.signal_episodes as episodes using (company_id, app_id, external_org_id, signal_type)
where date '1970-01-01' + day = getvariable('as_of') and status = 'active';

create temp macro digits(number, decimals) as
format(case when number = floor(number) or decimals = 0 then '{:,.0f}' when decimals = 1 then '{:,.1f}' else '{:,.2f}' end,
    number::double);

create table marts.signals as
with worded as (
    select
        *,
        case when mrr > 0 then 'paying ' || digits(mrr, 2) || ' ' || reporting_currency || ' a month'
            else 'not paying' end as paying,
        case
            when days_since_last_seen is null then 'never seen'
            when days_since_last_seen = 0 then 'last seen today'
            when days_since_last_seen = 1 then 'last seen yesterday'
            else 'last seen ' || digits(days_since_last_seen, 0) || ' days ago'
        end || '.' as seen,
        case
            when usage_ratio is null then 'Usage began'
            when usage_ratio < 1 then 'Usage fell ' || digits(100 * (1 - usage_ratio), 0) || ' %'
            else 'Usage grew ' || digits(100 * (usage_ratio - 1), 0) || ' %'
        end || ' (' || digits(events_previous_30d, 0) || ' → ' || digits(events_30d, 0) || ' events in 30 days)' as usage
    from today
)

select
    company_id, app_id, external_org_id, signal_type, priority, severity, opened_on, days_open, mrr, health_score,
    last_seen_at,
    case type
        when 1 then 'Health score ' || digits(health_score, 1) || ' (below '
            || digits(revenue_at_risk_max_health_score, 1) || ') while ' || paying || '; ' || seen
        when 2 then usage || ' while ' || paying || '; ' || seen
        when 3 then coalesce('No event for ' || digits(days_since_last_seen, 0) || ' days', 'Never seen')
            || ' while ' || paying || '.'
        else usage || ' at a health score of ' || digits(health_score, 1) || ', ' || paying || '; ' || seen
    end as explanation,
    getvariable('as_of') as as_of_date
from worded
inner join signal_rules using (company_id);

create table marts.signals_by_organization as
select
    company_id, external_org_id, coalesce(any_value(display_name), external_org_id) as display_name,
    string_agg(signal_type, ',' order by signal_type) as signal_types,
    case
        when max(mrr) > 0 and max(last_seen_at) is null then 'onboarding' when bool_or(is_risk) then 'risk'
        else 'expansion'
    end as case_type,
    max(priority) as priority, max(mrr) as mrr, max(signals.health_score) as health_score,
    any_value(health_band) as health_band, max(last_seen_at) as last_seen_at,
    first(explanation order by priority desc, sort_order) as explanation,
    getvariable('as_of') as as_of_date
from marts.signals
inner join signal_names using (signal_type)
left join names using (company_id, external_org_id)
left join (
    select company_id, external_org_id, health_band
    from marts.organization_health_daily
    where app_id = 'all' and date_day = getvariable('as_of')
) using (company_id, external_org_id)
where app_id = 'all'
group by company_id, external_org_id;

create table marts.signal_summary as
with by_type as (
    pivot (from marts.signals where app_id = 'all')
    on signal_type in ('revenue_at_risk', 'usage_drop', 'inactive_paying', 'expansion_candidate')
    using count(*) as orgs, sum(mrr) as mrr
    group by company_id
)

select
    company_id, coalesce(organizations, 0) as organizations, coalesce(risk_mrr, 0)::decimal(18, 2) as risk_mrr,
    coalesce(columns(by_type.* exclude (company_id)), 0),
    getvariable('as_of') as as_of_date
from warehouse.seeds.companies
left join by_type using (company_id)
left join (
    select
        company_id, count(*) as organizations,
        sum(case when signal_types similar to '.*(revenue_at_risk|usage_drop|inactive_paying).*' then mrr end)
            as risk_mrr
    from marts.signals_by_organization
    group by all
) using (company_id);
