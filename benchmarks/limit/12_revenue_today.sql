-- What is about the as-of date alone: revenue.
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
    where not is_void
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
