{{ config(materialized='ephemeral') }}
with

judged_or_not as (

    select * from {{ ref('int_backtest_episodes') }}

),

signal_types as (

    select * from {{ ref('signal_types') }}

),

add_outcomes as (

    -- What the signal foretells: a risk that MRR is lost, any other that it grows.
    select
        episodes.*,
        case when signal_types.is_risk then episodes.lost_on else episodes.grown_on end as outcome_on
    from judged_or_not as episodes
    inner join signal_types on episodes.signal_type = signal_types.signal_type

),

add_lead_days as (

    select
        *,
        verdict = 'judged' as is_judged,
        case
            when verdict = 'judged' then cast({{ dbt.datediff('opened_on', 'outcome_on', 'day') }} as bigint)
        end as lead_days
    from add_outcomes

),

rank_lead_days as (

    select
        *,
        row_number() over (partition by company_id, signal_type order by lead_days nulls last, opened_on)
            as lead_position,
        count(lead_days) over (partition by company_id, signal_type) as leads
    from add_lead_days

),

sum_types as (

    select
        company_id,
        signal_type,
        count(*) as episodes,
        {%- for verdict in ['pending', 'from_start', 'not_paying', 'judged'] %}
        count(case when verdict = '{{ verdict }}' then 1 end) as episodes_{{ verdict }},
        {%- endfor %}
        {%- for outcome in ['lost', 'grown'] %}
        count(case when is_judged and {{ outcome }}_on is not null then 1 end) as episodes_{{ outcome }},
        count(distinct case when is_judged and {{ outcome }}_on is not null then external_org_id end)
            as organizations_{{ outcome }},
        {%- endfor %}
        count(distinct case when is_judged then external_org_id end) as organizations_judged,
        -- The middle one, or the mean of the middle two.
        avg(case when 2 * lead_position between leads and leads + 2 then cast(lead_days as double) end)
            as median_lead_days
    from rank_lead_days
    group by company_id, signal_type

)

select * from sum_types
