-- What an analyst would write: the organization-month spine with its movements, in one query and by the
-- rules of the mart: statuses by version, amounts rounded per row, exchange rates as a movement of their own.
create table plain_movements as
with

newest as (
    select *
    from raw.subscription_versions
    qualify row_number() over (partition by subscription_id order by version_number desc) = 1
),

statuses as (
    select
        subscription_id,
        status,
        case when version_number = 1 then date '1900-01-01' else valid_from::date end as valid_from,
        coalesce(
            lead(valid_from::date) over (partition by subscription_id order by version_number) - 1,
            date '9999-12-31'
        ) as valid_to
    from raw.subscription_versions
),

months as (
    select month, least(last_day(month), date '${as_of}') as value_day
    from (
        select unnest(generate_series(min(date_trunc('month', start_at)), date '${as_of}', interval 1 month))::date
            as month
        from newest
    )
),

rates as (
    select month, value_day, currency, arg_max(units_per_eur, rate_date) as units
    from months, seeds.exchange_rates
    where rate_date <= value_day
    group by all
    union all
    select month, value_day, 'EUR', 1 from months
),

subscription_months as (
    select external_org_id, rates.month, rates.currency, mrr as original, round(mrr / units, 2)::decimal(18, 2) as mrr
    from newest
    inner join statuses using (subscription_id)
    inner join rates
        on newest.currency = rates.currency
        and value_day between start_at and coalesce(end_at, date '9999-12-31')
        and value_day between statuses.valid_from and statuses.valid_to
    where statuses.status = 'active' -- the drawn history has no cancellation without an end
),

currency_months as (
    select external_org_id, currency, month, sum(original) as original, sum(mrr) as mrr
    from subscription_months
    group by all
),

currency_spine as (
    select
        external_org_id,
        currency,
        months.month,
        coalesce(mrr, 0) as mrr,
        coalesce(lag(mrr) over same, 0) as opening,
        coalesce(original, 0) - coalesce(lag(original) over same, 0) as original_change
    from (select external_org_id, currency, min(month) as first_month from currency_months group by all) as first_months
    inner join months on months.month >= first_month
    left join currency_months using (external_org_id, currency, month)
    window same as (partition by external_org_id, currency order by months.month)
),

spine as (
    select
        external_org_id,
        month,
        sum(mrr) as closing,
        sum(opening) as opening,
        sum(round(original_change / units, 2)::decimal(18, 2)) as change
    from currency_spine
    inner join rates using (currency, month)
    group by all
),

named as (
    select *, opening > 0 and closing > 0 as pays_on, min(case when closing > 0 then month end) over (
        partition by external_org_id
    ) as first_paid
    from spine
)

from (
    select external_org_id, month, closing - opening as amount,
        case when closing = 0 then 'churn' when month = first_paid then 'new' else 'reactivation' end as movement
    from named
    where not pays_on
    union all
    select external_org_id, month, change, case when change > 0 then 'expansion' else 'contraction' end
    from named
    where pays_on
    union all
    select external_org_id, month, closing - opening - change, 'fx'
    from named
    where pays_on
)
where amount <> 0;
