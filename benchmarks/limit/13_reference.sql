-- What is read out of the raw tables and the seeds.
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

create table marts.import_warnings as
select
    company_id, kind, path, warning, external_org_id, product_code, detail, load_id, line_number, applied_at
from warehouse.raw.import_warnings
qualify row_number() over (
    partition by company_id, path, applied_at, warning, line_number
    order by load_id desc, kind, external_org_id, product_code, detail
) = 1;

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
