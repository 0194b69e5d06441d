-- What is counted once in a window of n days: +1 where a run of its days opens, -1 n days after one ends.
create temp table deltas as
with

user_days as (
    select distinct org, app, u, ((moment >> 31) // 86400)::integer as day
    from session_events
    inner join org_scopes using (scope)
    where counts_users
),

user_neighbours as (
    select
        org, app, day,
        coalesce(day - lag(day) over same_user, 99) as gap_before, coalesce(lead(day) over same_user - day, 99) as gap
    from (select * from user_days union all select distinct org, 0, u, day from user_days)
    window same_user as (partition by org, app, u order by day)
),

feature_neighbours as (
    select
        org, app, day,
        coalesce(day - lag(day) over same_feature, 99) as gap_before,
        coalesce(lead(day) over same_feature - day, 99) as gap
    from (
        select org, app, feature, day from feature_days
        union all
        select distinct org, 0, feature, day from feature_days
    )
    window same_feature as (partition by org, app, feature order by day)
)

select
    org, app, day, sum(users) as users, sum(users_7d) as users_7d, sum(users_30d) as users_30d,
    sum(features) as features, sum(features_30d) as features_30d
from (
    select org, app, day, count(*) as users, count(case when gap_before >= 7 then 1 end) as users_7d,
        count(case when gap_before >= 30 then 1 end) as users_30d, 0 as features, 0 as features_30d
    from user_neighbours group by all
    union all
    select org, app, day + 7, 0, -count(*), 0, 0, 0 from user_neighbours where gap >= 7 group by all
    union all
    select org, app, day + 30, 0, 0, -count(*), 0, 0 from user_neighbours where gap >= 30 group by all
    union all
    select org, app, day, 0, 0, 0, count(*), count(case when gap_before >= 30 then 1 end)
    from feature_neighbours group by all
    union all
    select org, app, day + 30, 0, 0, 0, 0, -count(*) from feature_neighbours where gap >= 30 group by all
)
group by all;
