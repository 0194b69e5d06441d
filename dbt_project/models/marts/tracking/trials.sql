{{ config(tags=['calls']) }}
{% set account = 'company_id, external_org_id' -%}
with

events as (

    select *, event = 'trial.started' as is_start from {{ ref('int_lifecycle_events') }}
    where event in ('trial.started', 'trial.ended')

),

count_starts as (

    select
        *,
        sum(case when is_start then 1 else 0 end) over (
            partition by {{ account }}
            order by {{ event_order('case when is_start then 0 else 1 end') }} rows between unbounded preceding and current row
        ) as starts
    from events

),

number_ends as (

    select
        *,
        row_number() over (partition by {{ account }}, starts, is_start order by {{ event_order() }}) as place
    from count_starts

),

starts as (

    select
        *,
        lead(occurred_at) over (partition by {{ account }} order by starts) as next_start_at,
        case when {{ has_type('trial_days', "'integer'") }} then cast(cast(trial_days as double) as bigint) end as planned_days
    from number_ends
    where is_start

),

ends as (

    -- The first end closes the trial; another one, or one before any start, is a trial whose start is not known.
    select *, starts > 0 and place = 1 as is_closing from number_ends
    where not is_start

),

join_trials as (

    select
        starts.company_id,
        starts.external_org_id,
        starts.event_id as trial_id,
        starts.occurred_at as started_at,
        starts.planned_days as trial_days,
        {{ json_text('starts.plan_trialing', '$') }} as plan_trialing,
        ends.occurred_at as ended_at,
        ends.converted,
        {{ json_text('ends.plan_selected', '$') }} as plan_selected,
        starts.next_start_at
    from starts
    left join ends
        on starts.company_id = ends.company_id and starts.external_org_id = ends.external_org_id
        and starts.starts = ends.starts and ends.is_closing

    union all

    select
        company_id, external_org_id, event_id as trial_id, null as started_at, null as trial_days, null as plan_trialing,
        occurred_at as ended_at, converted, {{ json_text('plan_selected', '$') }} as plan_selected, null as next_start_at
    from ends
    where not is_closing

),

find_first_mrr as (

    select trials.company_id, trials.trial_id, min(greatest(cast(trials.started_at as date), mrr.valid_from)) as first_mrr_on
    from join_trials as trials
    inner join {{ ref('int_subscription_mrr_intervals') }} as mrr
        on trials.company_id = mrr.company_id and trials.external_org_id = mrr.external_org_id
        and cast(trials.started_at as date) <= mrr.valid_to and mrr.valid_from <= {{ as_of_date() }}
    where mrr.mrr > 0
    group by trials.company_id, trials.trial_id

),

describe_trials as (

    select
        trials.company_id,
        trials.trial_id,
        trials.external_org_id,
        trials.started_at,
        trials.trial_days,
        trials.plan_trialing,
        {{ add_days_to_time('trials.started_at', 'trials.trial_days') }} as expected_end_at,
        trials.ended_at,
        case
            when trials.ended_at is not null then case when trials.converted = 'true' then 'converted' else 'not_converted' end
            when trials.next_start_at is not null then 'superseded'
            when {{ add_days('cast(trials.started_at as date)', 'cast(trials.trial_days as integer)') }} < {{ as_of_date() }} then 'overdue'
            else 'active'
        end as status,
        trials.plan_selected,
        cast({{ dbt.datediff('cast(trials.started_at as date)', 'coalesce(cast(coalesce(trials.ended_at, trials.next_start_at) as date), ' ~ as_of_date() ~ ')', 'day') }} as bigint) as days,
        found.first_mrr_on,
        {{ as_of_date() }} as as_of_date
    from join_trials as trials
    left join find_first_mrr as found
        on trials.company_id = found.company_id and trials.trial_id = found.trial_id

)

select * from {{ described('describe_trials', 'display_name') }}
