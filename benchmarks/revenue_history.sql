-- A company's subscription history: ${subscriptions} rows that start anywhere in the ${months} months before
-- ${as_of}, of ${organizations} organizations, in three currencies, one import a month. Half have ended since,
-- a twentieth was restated after a month was closed, another was paused. The same on every call.
create or replace temp macro chance(purpose, i) as (hash(purpose || ':' || i) % 10000)::integer;

create temp table drawn as
select
    i,
    'org-' || lpad((hash('org:' || i) % greatest(${organizations}, 1))::varchar, 6, '0') as external_org_id,
    'product-' || chance('product', i) % 8 as product_code,
    (chance('amount', i) + 500)::decimal(18, 4) / 100 as mrr,
    case when chance('currency', i) < 6000 then 'EUR' when chance('currency', i) < 8500 then 'USD' else 'GBP' end
        as currency,
    (date_trunc('month', date '${as_of}') - to_months(chance('start', i) % ${months}))::date
    + chance('day', i) % 28 as start_at
from range(${subscriptions}) as numbers(i);

insert into raw.subscription_versions by name
with

first_versions as (
    select
        *,
        case when chance('end', i) < 5000 then start_at + 90 + chance('life', i) % 900 end as end_at,
        (date_trunc('month', start_at) + interval 1 month + interval 6 hour)::timestamp as valid_from,
        1 as version_number,
        'active' as status
    from drawn
),

second_versions as (
    select
        * replace (
            case when chance('second', i) < 500 then mrr + 10 else mrr end as mrr,
            valid_from + to_months(1 + chance('delay', i) % 12) as valid_from,
            2 as version_number,
            case when chance('second', i) < 500 then 'active' else 'paused' end as status
        )
    from first_versions
    where chance('second', i) < 1000
)

select
    * exclude (i),
    'acme' as company_id,
    md5(i::varchar) as subscription_id,
    's-' || i as source_subscription_id,
    'acme/imports/subscriptions/' || strftime(valid_from, '%Y-%m') || '.csv' as source_path,
    i + 2 as line_number,
    'bench' as _dlt_load_id
from (from first_versions union all by name from second_versions)
where valid_from <= date '${as_of}' or version_number = 1;

insert into raw.organization_versions by name
select distinct
    'acme' as company_id,
    external_org_id,
    external_org_id as display_name,
    1 as version_number,
    timestamp '2010-01-01' as valid_from,
    'acme/imports/organizations/all.csv' as source_path,
    2 as line_number,
    'bench' as _dlt_load_id
from drawn;

-- One organization in fifty sends events, one on each of the last ${event_days} days.
insert into raw.events by name
select
    'acme' as company_id,
    'web' as app_id,
    external_org_id || '-' || back as event_id,
    'c1' as content_hash,
    'login' as event,
    repeat('0', 64) as user_hash,
    external_org_id as customer_org_id,
    'production' as environment,
    (date '${as_of}' - back)::timestamp as received_at,
    'events.jsonl' as source_path,
    1 as line_number,
    timestamp '${as_of}' as loaded_at,
    'bench' as _dlt_load_id
from (
    select distinct external_org_id, range::integer as back
    from drawn, range(${event_days})
    where hash('seen:' || external_org_id) % 50 = 0
);
