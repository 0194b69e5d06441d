-- What is about the as-of date alone: organizations.
create temp table health_today as
select company_id, external_org_id, health_score, health_band
from marts.organization_health_daily
where app_id = 'all' and date_day = getvariable('as_of');

create temp table metrics_today as
select * from marts.organization_metrics_daily where app_id = 'all' and date_day = getvariable('as_of');

create temp table revenue as
select
    company_id, external_org_id, total(mrr) as mrr, count(*) as active_subscriptions,
    count(distinct product_code) as products, string_agg(distinct product_code, ',' order by product_code) as codes,
    any_value(health_score) as health_score, coalesce(any_value(health_band), 'no_recent_activity') as health_band
from marts.subscriptions
left join health_today using (company_id, external_org_id)
where is_active
group by all;

create temp table segments as
select
    company_id, external_org_id, mrr, health_score, min_high_mrr,
    case
        when health_score >= 70 and mrr >= min_high_mrr then 'champions'
        when health_score >= 70 then 'expansion'
        when mrr >= min_high_mrr then 'revenue_at_risk'
        else 'low_value'
    end as segment
from revenue
inner join (
    select company_id, per_head(sum(mrr), count(*)) as min_high_mrr
    from (
        select
            company_id, mrr, row_number() over (partition by company_id order by mrr, external_org_id) as position,
            count(*) over (partition by company_id) as orgs
        from revenue
        where mrr > 0
    )
    where 2 * position between orgs and orgs + 2
    group by all
) using (company_id)
where mrr > 0;

create temp table seen as
select
    org, sum(events)::bigint as events, make_timestamp(min(first_event) * 1000000) as first_seen_at,
    make_timestamp(max(last_event) * 1000000) as last_seen_at
from org_days
where app = 0
group by all;

create table marts.organizations as
select
    company_id, external_org_id, coalesce(names.display_name, external_org_id) as display_name,
    imported_at is not null as is_imported, seen.events is not null as has_events, seen.first_seen_at,
    seen.last_seen_at, days_since_last_seen,
    case when events_30d > 0 then 'active' when seen.events is not null then 'inactive' else 'never_active' end
        as activity_state,
    coalesce(events_30d, 0) as events_30d, coalesce(events_previous_30d, 0) as events_previous_30d,
    case when counts_users then coalesce(active_users_30d, 0) end as active_users_30d,
    coalesce(sessions_30d, 0) as sessions_30d, coalesce(features_used_30d, 0) as features_used_30d,
    health_today.health_score, coalesce(health_today.health_band, 'no_recent_activity') as health_band,
    coalesce(revenue.mrr, 0)::decimal(18, 2) as mrr, coalesce(revenue.mrr > 0, false) as is_paying,
    coalesce(active_subscriptions, 0) as active_subscriptions, coalesce(segment, 'not_paying') as revenue_segment,
    coalesce(signal_types, '') as signal_types, priority, case_type,
    getvariable('as_of') as as_of_date
from orgs
inner join app_scopes using (company_id)
left join names using (company_id, external_org_id)
left join seen using (org)
left join metrics_today using (company_id, external_org_id)
left join health_today using (company_id, external_org_id)
left join revenue using (company_id, external_org_id)
left join segments using (company_id, external_org_id)
left join marts.signals_by_organization using (company_id, external_org_id)
where app = 0 and (imported_at is not null or seen.events is not null);
