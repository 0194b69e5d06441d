-- The signals of the as-of date, in words, and their summaries.
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
