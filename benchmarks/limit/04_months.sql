-- Month by month: the amounts on the month's last day, and what changed since the month before.
create temp table months as
select
    company_id,
    month,
    least(last_day(month), getvariable('as_of')) as value_day,
    datediff('month', month, getvariable('as_of')) as months_ago,
    getvariable('as_of') < last_day(month) as is_partial
from (
    select
        company_id,
        unnest(generate_series(
            date_trunc('month', min(active_from)), date_trunc('month', getvariable('as_of')), interval 1 month
        ))::date as month
    from active
    group by all
);

create temp table currency_months as
select
    company_id, external_org_id, currency, month, units, reporting_units,
    sum(active.mrr) as original,
    sum(money(active.mrr, units, reporting_units)) as mrr
from active
inner join months using (company_id)
inner join rates using (company_id, currency)
where value_day between active_from and active_to and value_day between rates.valid_from and rates.valid_to
group by all;

-- Every month from an organization's first paid one, with the month before.
create temp table organization_months as
with

currency_spine as (
    select
        company_id, external_org_id, month,
        coalesce(mrr, 0) as mrr,
        coalesce(lag(mrr) over same, 0) as opening_mrr,
        coalesce(original, 0) - coalesce(lag(original) over same, 0) as original_change,
        rates.units, rates.reporting_units
    from (select company_id, external_org_id, currency, min(month) as first from currency_months group by all)
    inner join months using (company_id)
    inner join rates using (company_id, currency)
    left join currency_months using (company_id, external_org_id, currency, month)
    where month >= first and value_day between valid_from and valid_to
    window same as (partition by company_id, external_org_id, currency order by month)
),

spine as (
    select
        company_id, external_org_id, month,
        total(mrr) as mrr,
        total(opening_mrr) as opening_mrr,
        total(money(original_change, units, reporting_units)) as original_change
    from currency_spine
    group by all
)

select *
from (
    select *, min(case when mrr > 0 then month end) over (partition by company_id, external_org_id) as first_paid_month
    from spine
)
where month >= first_paid_month;

create table marts.mrr_monthly as
select company_id, external_org_id, month, mrr, true as is_paying from organization_months where mrr > 0;

create table marts.mrr_trend as
select
    company_id, month, mrr,
    (12 * mrr)::decimal(18, 2) as arr,
    coalesce(lag(mrr) over by_month, 0)::decimal(18, 2) as mrr_previous,
    (mrr - coalesce(lag(mrr) over by_month, 0))::decimal(18, 2) as mrr_change,
    ratio(mrr - lag(mrr) over by_month, lag(mrr) over by_month) as mrr_change_rate,
    paying_orgs,
    per_head(mrr, paying_orgs) as arpa,
    months_ago, is_partial
from (
    select company_id, month, months_ago, is_partial, total(mrr) as mrr, count(external_org_id) as paying_orgs
    from months
    left join marts.mrr_monthly using (company_id, month)
    group by all
)
window by_month as (partition by company_id order by month);

create table marts.mrr_movements as
select company_id, external_org_id, month, unnest(parts, recursive := true)
from (
    select
        *,
        case
            when opening_mrr > 0 and mrr > 0 then [
                {
                    movement: case when original_change > 0 then 'expansion' else 'contraction' end,
                    amount: original_change
                },
                {movement: 'fx', amount: (mrr - opening_mrr - original_change)::decimal(18, 2)}
            ]
            else [{
                movement: case
                    when mrr = 0 then 'churn' when month = first_paid_month then 'new' else 'reactivation'
                end,
                amount: (mrr - opening_mrr)::decimal(18, 2)
            }]
        end.list_filter(lambda part: part.amount <> 0) as parts
    from organization_months
);

create table marts.mrr_movements_monthly as
with pivoted as (
    pivot marts.mrr_movements
    on movement in ('new', 'reactivation', 'expansion', 'contraction', 'churn', 'fx')
    using sum(amount) as mrr, count(*) as orgs
    group by company_id, month
)

select
    company_id, month,
    mrr_previous as opening_mrr,
    coalesce(new_mrr, 0)::decimal(18, 2) as new,
    coalesce(reactivation_mrr, 0)::decimal(18, 2) as reactivation,
    coalesce(expansion_mrr, 0)::decimal(18, 2) as expansion,
    coalesce(contraction_mrr, 0)::decimal(18, 2) as contraction,
    coalesce(churn_mrr, 0)::decimal(18, 2) as churn,
    coalesce(fx_mrr, 0)::decimal(18, 2) as fx,
    mrr as closing_mrr,
    coalesce(new_orgs, 0) as new_orgs,
    coalesce(reactivation_orgs, 0) as reactivation_orgs,
    coalesce(expansion_orgs, 0) as expansion_orgs,
    coalesce(contraction_orgs, 0) as contraction_orgs,
    coalesce(churn_orgs, 0) as churn_orgs,
    coalesce(fx_orgs, 0) as fx_orgs
from marts.mrr_trend
left join pivoted using (company_id, month);

create table marts.revenue_cohorts as
select
    company_id, cohort_month,
    datediff('month', cohort_month, month) as months_since,
    month, organizations, mrr,
    ratio(mrr, first_value(mrr) over one_cohort) as share_of_first_month,
    ratio(organizations, first_value(organizations) over one_cohort) as share_of_first_organizations
from (
    select
        company_id, first_paid_month as cohort_month, month,
        count(case when mrr > 0 then 1 end) as organizations,
        total(mrr) as mrr
    from organization_months
    group by all
)
window one_cohort as (partition by company_id, cohort_month order by month);
