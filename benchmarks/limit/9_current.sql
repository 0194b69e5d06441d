-- What is about the as-of date alone, and what is read out of the raw tables.
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

create temp table ranked as
select
    *,
    row_number() over by_mrr as rank,
    count(*) over (partition by company_id) as orgs,
    sum(mrr) over (partition by company_id) as company_mrr,
    sum(mrr) over (by_mrr rows unbounded preceding) as cumulative_mrr
from revenue
where mrr > 0
window by_mrr as (partition by company_id order by mrr desc, external_org_id);

create table marts.top_revenue_organizations as
select
    company_id, external_org_id, rank, display_name, ranked.mrr, ratio(ranked.mrr, company_mrr) as share_of_mrr,
    ratio(cumulative_mrr, company_mrr) as cumulative_share, ranked.active_subscriptions, products,
    codes as product_codes, organizations.health_score, organizations.health_band, last_seen_at, signal_types,
    getvariable('as_of') as as_of_date
from ranked
inner join marts.organizations using (company_id, external_org_id);

create table marts.revenue_concentration as
select
    companies.company_id,
    ratio(sum(case when rank <= 1 then mrr end), max(company_mrr)) as top_1_share,
    ratio(sum(case when rank <= 5 then mrr end), max(company_mrr)) as top_5_share,
    ratio(sum(case when rank <= 10 then mrr end), max(company_mrr)) as top_10_share,
    ratio(sum(case when rank <= greatest(orgs // 10, 1) then mrr end), max(company_mrr)) as top_decile_share,
    min(case when cumulative_mrr * 2 >= company_mrr then rank end) as orgs_for_half,
    min(case when cumulative_mrr * 5 >= company_mrr * 4 then rank end) as orgs_for_80_pct,
    ratio(sum((mrr * 100)::hugeint * (mrr * 100)::hugeint), max((company_mrr * 100)::hugeint) ** 2) as herfindahl,
    getvariable('as_of') as as_of_date
from warehouse.seeds.companies
left join ranked using (company_id)
group by all;

create table marts.revenue_kpis as
select
    companies.company_id, getvariable('as_of') as as_of_date, total(mrr) as mrr,
    (12 * total(mrr))::decimal(18, 2) as arr,
    count(mrr) as paying_orgs, per_head(total(mrr), count(mrr)) as arpa,
    total(case when health_band = 'at_risk' then mrr end) as revenue_at_risk,
    coalesce(any_value(previous), 0)::decimal(18, 2) as mrr_previous_month,
    (total(mrr) - coalesce(any_value(previous), 0))::decimal(18, 2) as mrr_change,
    ratio(total(mrr) - any_value(previous), any_value(previous)) as mrr_change_rate
from warehouse.seeds.companies
left join (from revenue where mrr > 0) using (company_id)
left join (
    select company_id, total(mrr) as previous
    from mrr_intervals
    where date_trunc('month', getvariable('as_of'))::date - 1 between valid_from and valid_to
    group by all
) using (company_id)
group by all;

create table marts.revenue_by_health as
select
    bands.company_id, bands.health_band, total(mrr) as mrr, count(mrr) as organizations,
    ratio(total(mrr), sum(total(mrr)) over (partition by bands.company_id)) as share_of_mrr,
    getvariable('as_of') as as_of_date
from bands
left join (from revenue where mrr > 0) using (company_id, health_band)
group by bands.company_id, bands.health_band;

create table marts.revenue_health_matrix as
select
    companies.company_id, names.segment, count(mrr) as organizations, total(mrr) as mrr,
    ratio(total(mrr), sum(total(mrr)) over (partition by companies.company_id)) as share_of_mrr,
    ratio(sum(segments.health_score::decimal(18, 1)), count(segments.health_score)) as avg_health_score,
    per_head(total(mrr), count(mrr)) as avg_mrr,
    70.0 as min_good_health_score,
    max(any_value(min_high_mrr)) over (partition by companies.company_id) as min_high_mrr,
    getvariable('as_of') as as_of_date
from warehouse.seeds.companies
cross join unnest(['champions', 'expansion', 'revenue_at_risk', 'low_value']) as names(segment)
left join segments using (company_id, segment)
group by companies.company_id, names.segment;

create table marts.revenue_by_product as
select
    company_id, product_code, total(mrr) as mrr,
    ratio(total(mrr), sum(total(mrr)) over (partition by company_id)) as share_of_mrr,
    count(*) as active_subscriptions, count(distinct case when mrr > 0 then external_org_id end) as paying_orgs,
    getvariable('as_of') as as_of_date
from marts.subscriptions
where is_active
group by company_id, product_code;

create table marts.revenue_change_details as
with dated as (
    select
        *,
        date_trunc('month', as_of_date)::date - 1 as month_end_before,
        coalesce(end_at, date '9999-12-31') as ends,
        start_at <= month_end_before and ends >= month_end_before as was_active,
        start_at <= as_of_date and ends >= as_of_date as is_active_now
    from marts.subscriptions
)

select
    company_id, unnest(list_filter([
        case when is_active_now and not was_active then 'started' end,
        case when was_active and not is_active_now then 'ended' end,
        case when start_at > month_end_before and end_at < as_of_date then 'started_and_ended' end,
        case when start_at > as_of_date and start_at <= last_day(as_of_date) then 'scheduled_start' end,
        case when is_active_now and end_at <= last_day(as_of_date) then 'scheduled_end' end
    ], lambda type: type is not null)) as change_type,
    subscription_id, external_org_id, display_name, product_code, mrr_original, currency, mrr, start_at, end_at,
    status, as_of_date
from dated;

create table marts.revenue_changes as
with sums as (
    select
        companies.company_id, types.change_type, total(mrr) as mrr, count(subscription_id) as subscriptions,
        count(distinct external_org_id) as organizations
    from warehouse.seeds.companies
    cross join unnest(['started', 'ended', 'started_and_ended', 'scheduled_start', 'scheduled_end'])
        as types(change_type)
    left join marts.revenue_change_details using (company_id, change_type)
    group by all
)

select *, getvariable('as_of') as as_of_date from sums
union all
select
    company_id, 'net', total(case change_type when 'started' then mrr else -mrr end),
    sum(case change_type when 'started' then subscriptions else -subscriptions end)::bigint, null, getvariable('as_of')
from sums
where change_type in ('started', 'ended')
group by all;

create table marts.companies as
select company_id, coalesce(name, company_id) as name, plan, reporting_currency, getvariable('as_of') as as_of_date
from warehouse.seeds.companies;

create table marts.applications as
select
    company_id, app_id, coalesce(applications.name, case app when 0 then 'All applications' else app_id end) as name,
    case when counts_users then 'user' else 'instance' end as identity_mode, features_defined,
    getvariable('as_of') as as_of_date
from app_scopes
left join warehouse.seeds.applications using (company_id, app_id);

create table marts.features as
select
    company_id, app_id, feature_key, min(feature_name) as feature_name, string_agg(rule, '; ' order by rule) as rule,
    count(*) as rules, getvariable('as_of') as as_of_date
from (
    select *, coalesce('event ' || match_event, 'any event') || coalesce(' on ' || match_path, '') as rule from rules
)
group by all;

create table marts.plan_usage as
with

event_months as (
    select company_id, date_trunc('month', date '1970-01-01' + day)::date as month, sum(events)::bigint as events
    from org_days
    inner join orgs using (org)
    where app = 0
    group by all
),

all_months as (
    select
        company_id, any_value(plan) as plan,
        unnest(generate_series(
            coalesce(min(month), date_trunc('month', getvariable('as_of'))),
            date_trunc('month', getvariable('as_of')), interval 1 month
        ))::date as month
    from warehouse.seeds.companies
    left join event_months using (company_id)
    group by company_id
)

select
    company_id, month, plan, coalesce(events, 0) as events, events_limit,
    ratio(coalesce(events, 0), events_limit) as events_share,
    coalesce(coalesce(events, 0) > events_limit, false) as is_over_limit,
    coalesce(applications, 0) as applications, applications_limit
from all_months
left join warehouse.seeds.plans using (plan)
left join (select company_id, count(*) as applications from apps group by all) using (company_id)
left join event_months using (company_id, month);

create table marts.load_audit as
select
    company_id, path, checksum, max(app_id) as app_id, max(kind) as kind, count(*) as loads, max(bytes) as bytes,
    sum(rows_read)::bigint as rows_read, sum(rows_accepted)::bigint as rows_accepted,
    sum(rows_rejected)::bigint as rows_rejected, sum(rows_duplicate)::bigint as rows_duplicate,
    max(modified_at) as modified_at, min(loaded_at) as first_loaded_at, max(loaded_at) as last_loaded_at
from warehouse.raw.loaded_files
group by all;

create table marts.rejected_rows as
select
    company_id, row_id, app_id, source, path, line_number, reasons, raw_text, load_id, rejected_at, resolved_at,
    resolved_at is not null as is_resolved
from warehouse.raw.rejected_rows;

create table marts.rejected_files as
select
    company_id, md5(path || '|' || coalesce(checksum, '') || '|' || reason) as rejection_id, path, checksum, reason,
    detail, bytes, modified_at, load_id, rejected_at
from warehouse.raw.rejected_files
qualify row_number() over (partition by path, checksum, reason order by rejected_at desc, load_id desc) = 1;

create table marts.import_history as
select
    company_id, kind, path, checksum, load_id, applied_at, rows_new, rows_updated, rows_unchanged, rows_error
from warehouse.raw.import_history;

create table marts.event_id_conflicts as
select
    company_id, app_id, event_id, content_hash as content, customer_org_id as external_org_id, event, user_hash, path,
    session_id as client_session_id, environment, plan, properties,
    coalesce(make_timestamp(ts_epoch * 1000000), received_at) as occurred_at, received_at
from warehouse.raw.events
where events.rowid in (select row_id from lost);

create table marts.organization_id_mismatches as
with loose as (
    select org, company_id, external_org_id, translate(lower(external_org_id), ' -_.', '') as loose_id from orgs
)

select
    loose.company_id, loose.external_org_id as event_org_id, imported.external_org_id as imported_org_id,
    names.display_name, seen.events, seen.last_seen_at, coalesce(revenue.mrr, 0)::decimal(18, 2) as mrr,
    own.external_org_id is not null as is_event_id_imported, getvariable('as_of') as as_of_date
from loose
inner join seen using (org)
inner join loose as imported
    on imported.company_id = loose.company_id and imported.loose_id = loose.loose_id and imported.org <> loose.org
inner join names on names.company_id = imported.company_id and names.external_org_id = imported.external_org_id
left join revenue on revenue.company_id = imported.company_id and revenue.external_org_id = imported.external_org_id
left join names as own on own.company_id = loose.company_id and own.external_org_id = loose.external_org_id
where loose.loose_id <> '';
