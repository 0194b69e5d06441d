{{ config(materialized='incremental', pre_hook="{{ delete_from_day_on('signals', ['company_id']) }}") }}
-- depends_on: {{ ref('int_recompute_from__this_run') }}
with

stack_types as (

    {%- for signal_type in signal_types() %}
    select
        company_id,
        app_id,
        external_org_id,
        signal_type,
        date_day,
        severity,
        explanation
    from {{ ref('int_signal_' ~ signal_type) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

candidates as (

    select * from {{ ref('int_signal_candidates__this_run') }}

),

add_priorities as (

    select
        stack_types.company_id,
        stack_types.app_id,
        stack_types.external_org_id,
        stack_types.signal_type,
        stack_types.date_day,
        cast(stack_types.severity as double) as severity,
        {{ round_half_up(
            '100 * (0.3e0 + 0.7e0 * stack_types.severity) * (0.25e0 + 0.75e0 * candidates.mrr_rank)', 1
        ) }} as priority,
        candidates.mrr,
        candidates.health_score,
        candidates.events_30d,
        candidates.events_previous_30d,
        candidates.days_since_last_seen,
        stack_types.explanation
    from stack_types
    inner join candidates
        on stack_types.company_id = candidates.company_id
        and stack_types.app_id = candidates.app_id
        and stack_types.external_org_id = candidates.external_org_id
        and stack_types.date_day = candidates.date_day

)

select * from add_priorities
