with

episodes as (

    select * from {{ ref('signal_episodes') }}

),

signals as (

    select * from {{ ref('signals') }}

),

mrr_periods as (

    select * from {{ ref('int_constant_rate_mrr') }}

),

list_changes as (

    {%- for change, day in [('opened', 'opened_on'), ('dismissed', 'dismissed_at'), ('closed', 'closed_on')] %}
    select
        episodes.*,
        '{{ change }}' as change,
        {{ day }} as changed_on
    from episodes
    where {{ day }} is not null
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

describe_changes as (

    select
        list_changes.*,
        coalesce(mrr_periods.mrr, cast(0 as decimal(18, 2))) as mrr,
        signals.priority,
        signals.explanation,
        list_changes.changed_on > {{ add_days(as_of_date(), -1) }} as is_since_previous_day,
        list_changes.changed_on > {{ add_days(as_of_date(), -7) }} as is_since_previous_week
    from list_changes
    left join mrr_periods
        on list_changes.company_id = mrr_periods.company_id
        and list_changes.external_org_id = mrr_periods.external_org_id
        and list_changes.changed_on between mrr_periods.valid_from and mrr_periods.valid_to
    left join signals
        on list_changes.company_id = signals.company_id
        and list_changes.app_id = signals.app_id
        and list_changes.external_org_id = signals.external_org_id
        and list_changes.signal_type = signals.signal_type
        and list_changes.status = 'active'

)

select
    company_id,
    app_id,
    external_org_id,
    signal_type,
    signal_type_label,
    signal_type_order,
    opened_on,
    change,
    changed_on,
    display_name,
    reporting_currency,
    status,
    days_held,
    dismissed_by,
    reason,
    mrr,
    mrr > 0 as is_paying,
    priority,
    explanation,
    is_since_previous_day,
    is_since_previous_week,
    {{ as_of_date() }} as as_of_date
from describe_changes
