-- Organizations are numbers too; app 0 is `all`. Then subscriptions, month by month: there are few.
create temp table orgs as
select row_number() over (order by company_id, external_org_id)::integer as org, *
from (
    select company_id, external_org_id from scopes
    union
    select company_id, external_org_id from warehouse.raw.organization_versions
    union
    select company_id, external_org_id from warehouse.raw.subscription_versions
);

create temp table names as
select
    company_id,
    external_org_id,
    arg_max(display_name, version_number) as display_name,
    min(valid_from) as imported_at
from warehouse.raw.organization_versions
group by all;

create temp macro cents(amount, from_units, to_units) as (
    (2 * abs((amount * 10000)::hugeint) * (to_units * 100000000)::hugeint + 100 * (from_units * 100000000)::hugeint)
    // (200 * (from_units * 100000000)::hugeint) * sign(amount)
);
create temp macro money(amount, from_units, to_units) as (
    (cents(amount, from_units, to_units)::decimal(18, 0) * 0.01::decimal(3, 2))::decimal(18, 2)
);
create temp macro total(amounts) as coalesce(sum(amounts), 0)::decimal(18, 2);
create temp macro ratio(a, b) as a::double / nullif(b::double, 0);
create temp macro half_up(value) as sign(value) * floor(abs(value::double) * 10 + 0.5 + 0.0000001) / 10;
-- Money per head, to the cent.
create temp macro per_head(amount, heads) as (
    ((2 * (amount * 100)::hugeint + heads) // (2 * nullif(heads, 0)))::decimal(18, 0) * 0.01::decimal(3, 2)
)::decimal(18, 2);

create temp table versions as
select * replace (mrr::decimal(18, 4) as mrr), valid_from::date as applied_on
from warehouse.raw.subscription_versions;

create temp table newest as
select versions.*, first_imported_at
from versions
inner join (
    select company_id, subscription_id, max(version_number) as version_number, min(valid_from) as first_imported_at
    from versions
    group by all
) using (company_id, subscription_id, version_number);

create temp table statuses as
select *, least(last_day_allowed, valid_to) as counts_to
from (
    select
        company_id, subscription_id, status, valid_from, last_day_allowed,
        coalesce(lead(valid_from) over one_subscription - 1, date '9999-12-31')::date as valid_to
    from (
        select
            company_id, subscription_id, status,
            case when version_number = 1 then date '1900-01-01' else applied_on end as valid_from,
            case
                when status = 'active' then date '9999-12-31'
                when status = 'canceled' and end_at is not null then greatest(end_at, applied_on - 1)
                else date '1900-01-01'
            end as last_day_allowed
        from versions
        qualify version_number = 1 or version_number = max(version_number) over (
            partition by company_id, subscription_id, applied_on
        )
    )
    window one_subscription as (partition by company_id, subscription_id order by valid_from)
);

create temp table active as
select *
from (
    select
        company_id, subscription_id, external_org_id, product_code, currency, mrr,
        greatest(start_at, statuses.valid_from) as active_from,
        least(coalesce(end_at, date '9999-12-31'), counts_to, getvariable('as_of')) as active_to
    from newest
    inner join statuses using (company_id, subscription_id)
    where newest.status <> 'void'
)
where active_from <= active_to;

-- Units of the currency and of the company's currency, from one day with a new rate to the next.
create temp table rates as
with

euro_rates as (
    select rate_date, upper(currency) as currency, units_per_eur::decimal(18, 8) as units
    from warehouse.seeds.exchange_rates
    where upper(currency) <> 'EUR'
    union all
    select date '1900-01-01', 'EUR', 1::decimal(18, 8)
),

periods as (
    select
        currency,
        units,
        case when first_value(rate_date) over same = rate_date then date '1900-01-01' else rate_date end as valid_from,
        coalesce(lead(rate_date) over same - 1, date '9999-12-31')::date as valid_to
    from euro_rates
    window same as (partition by currency order by rate_date)
)

select
    company_id,
    own.currency,
    case when own.currency = reporting_currency then date '1900-01-01'
        else greatest(own.valid_from, reporting.valid_from) end as valid_from,
    case when own.currency = reporting_currency then date '9999-12-31'
        else least(own.valid_to, reporting.valid_to) end as valid_to,
    case when own.currency = reporting_currency then 1::decimal(18, 8) else own.units end as units,
    case when own.currency = reporting_currency then 1::decimal(18, 8) else reporting.units end as reporting_units
from warehouse.seeds.companies
inner join periods as reporting on reporting.currency = reporting_currency
inner join periods as own
    on own.valid_from <= reporting.valid_to and reporting.valid_from <= own.valid_to
    and (own.currency <> reporting_currency or own.valid_to = date '9999-12-31')
    and (own.currency <> reporting_currency or reporting.valid_to = date '9999-12-31')
semi join versions on versions.company_id = companies.company_id and versions.currency = own.currency;

create temp table mrr_intervals as
select
    company_id, subscription_id, external_org_id,
    greatest(active_from, valid_from) as valid_from,
    least(active_to, valid_to) as valid_to,
    money(mrr, units, reporting_units) as mrr
from active
inner join rates using (company_id, currency)
where active_from <= valid_to and active_to >= valid_from;

create table marts.subscriptions as
select
    newest.company_id, newest.subscription_id, newest.external_org_id,
    coalesce(display_name, newest.external_org_id) as display_name,
    newest.product_code, newest.currency,
    case when newest.status = 'void' then 'void' else statuses.status end as status, source_system, source_subscription_id,
    newest.mrr as mrr_original,
    money(newest.mrr, units, reporting_units) as mrr,
    active.subscription_id is not null as is_active,
    newest.status = 'void' as is_void,
    start_at, end_at, first_imported_at,
    newest.valid_from as last_changed_at,
    getvariable('as_of') as as_of_date
from newest
inner join statuses
    on newest.company_id = statuses.company_id and newest.subscription_id = statuses.subscription_id
    and getvariable('as_of') between statuses.valid_from and statuses.valid_to
left join rates
    on newest.company_id = rates.company_id and newest.currency = rates.currency
    and getvariable('as_of') between rates.valid_from and rates.valid_to
left join active
    on newest.company_id = active.company_id and newest.subscription_id = active.subscription_id
    and getvariable('as_of') between active_from and active_to
left join names on newest.company_id = names.company_id and newest.external_org_id = names.external_org_id;
