-- Health of every organization and day, from the measures of its metrics.
create temp macro score(measure, at_0, at_100) as
case
    when measure is not null and at_0 <> at_100
        then greatest(0, least(100, 100 * (measure - at_0) / (at_100 - at_0)))::double
end;

create temp table models as
pivot (
    select companies.company_id, component, weight, score_0_at, score_100_at
    from warehouse.seeds.companies
    inner join warehouse.seeds.health_model as model on model.company_id in (companies.company_id, '*')
    qualify row_number() over (
        partition by companies.company_id, component order by model.company_id = '*'
    ) = 1
)
on component in ('recency', 'frequency', 'trend', 'breadth', 'users')
using first(weight) as weight, first(score_0_at) as at_0, first(score_100_at) as at_100
group by company_id;

create temp table bands as
select *, lead(min_score) over (partition by company_id order by min_score nulls last) as below_score
from (
    select companies.company_id, health_band, min_score
    from warehouse.seeds.companies
    inner join warehouse.seeds.health_bands as bands on bands.company_id in (companies.company_id, '*')
    qualify row_number() over (
        partition by companies.company_id, health_band order by bands.company_id = '*'
    ) = 1
);

create temp table scores as
with

measured as (
    select
        org, app, company_id, day, events_30d,
        (day - last_seen // 86400)::double as recency_measure,
        active_days_30d::double as frequency_measure,
        ratio(events_30d, events_60d - events_30d) as trend_measure,
        ratio(features_30d, features_defined) as breadth_measure,
        case when counts_users then ratio(users_30d, users_previous_30d) end as users_measure,
        score(recency_measure, recency_at_0, recency_at_100) as recency,
        score(frequency_measure, frequency_at_0, frequency_at_100) as frequency,
        coalesce(
            score(trend_measure, trend_at_0, trend_at_100),
            case when events_60d > events_30d then null when events_30d > 0 then 100 else 0 end
        )::double as trend,
        score(breadth_measure, breadth_at_0, breadth_at_100) as breadth,
        coalesce(
            score(users_measure, users_at_0, users_at_100),
            case when not counts_users or users_previous_30d > 0 then null when users_30d > 0 then 100 else 0 end
        )::double as users,
        recency_weight as w1, frequency_weight as w2, trend_weight as w3, breadth_weight as w4, users_weight as w5
    from metrics
    inner join orgs using (org)
    inner join app_scopes using (company_id, app)
    inner join models using (company_id)
    where last_seen is not null
),

weighed as (
    select
        *,
        case when recency is null then 0 else w1 end + case when frequency is null then 0 else w2 end
        + case when trend is null then 0 else w3 end + case when breadth is null then 0 else w4 end
        + case when users is null then 0 else w5 end as weight,
        half_up(ratio(
            coalesce(w1 * recency, 0) + coalesce(w2 * frequency, 0) + coalesce(w3 * trend, 0)
            + coalesce(w4 * breadth, 0) + coalesce(w5 * users, 0), weight
        )) as health_score,
        greatest(
            coalesce(w1 * (100 - recency), 0), coalesce(w2 * (100 - frequency), 0), coalesce(w3 * (100 - trend), 0),
            coalesce(w4 * (100 - breadth), 0), coalesce(w5 * (100 - users), 0)
        ) as loss
    from measured
)

select
    weighed.*,
    case
        when loss <= 0.000001 then null
        when w1 * (100 - recency) >= loss - 0.000001 then 'recency'
        when w2 * (100 - frequency) >= loss - 0.000001 then 'frequency'
        when w3 * (100 - trend) >= loss - 0.000001 then 'trend'
        when w4 * (100 - breadth) >= loss - 0.000001 then 'breadth'
        when w5 * (100 - users) >= loss - 0.000001 then 'users'
    end as main_driver,
    case when events_30d = 0 then 'no_recent_activity' else health_band end as health_band
from weighed
left join bands
    on bands.company_id = weighed.company_id and health_score >= min_score
    and (health_score < below_score or below_score is null);

create table marts.organization_health_daily as
select
    company_id, app_id, external_org_id,
    date '1970-01-01' + day as date_day,
    health_score,
    coalesce(health_band, 'no_recent_activity') as health_band,
    main_driver
from (select org, app, day from metrics)
left join (select org, app, day, health_score, health_band, main_driver from scores) using (org, app, day)
inner join orgs using (org)
inner join app_scopes using (company_id, app);

create table marts.organization_health_components as
select
    company_id, app_id, external_org_id, component, sort_order, measure, component_score,
    share as weight,
    share * component_score / 100 as contribution,
    share - share * component_score / 100 as points_lost,
    getvariable('as_of') as as_of_date
from (
    select
        org, company_id, app, parts.*,
        case when parts.component_score is not null then ratio(100 * parts.weight, scores.weight) end as share
    from scores, unnest([
        {component: 'recency', sort_order: 1, measure: recency_measure, component_score: recency, weight: w1},
        {component: 'frequency', sort_order: 2, measure: frequency_measure, component_score: frequency, weight: w2},
        {component: 'trend', sort_order: 3, measure: trend_measure, component_score: trend, weight: w3},
        {component: 'breadth', sort_order: 4, measure: breadth_measure, component_score: breadth, weight: w4},
        {component: 'users', sort_order: 5, measure: users_measure, component_score: users, weight: w5}
    ]) as rows(parts)
    where date '1970-01-01' + day = getvariable('as_of')
)
inner join orgs using (org, company_id)
inner join app_scopes using (company_id, app);

create table marts.health_distribution as
select company_id, app_id, date_day, health_band, coalesce(organizations, 0) as organizations
from (select distinct company_id, app_id, date_day from marts.organization_health_daily)
inner join bands using (company_id)
left join (
    select company_id, app_id, date_day, health_band, count(*) as organizations
    from marts.organization_health_daily
    group by all
) using (company_id, app_id, date_day, health_band);
