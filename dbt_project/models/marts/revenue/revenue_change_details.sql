{%- set this_month_end = month_end(as_of_date()) -%}
with

subscriptions as (

    select * from {{ ref('subscriptions') }}
    where not is_void

),

read_dates as (

    -- Dates alone: a pause or an undated cancellation is no change here.
    select
        *,
        {{ add_days(start_of('month', as_of_date()), -1) }} as previous_month_end,
        start_at < {{ start_of('month', as_of_date()) }}
        and coalesce(end_at, {{ far_future() }}) >= {{ add_days(start_of('month', as_of_date()), -1) }}
            as was_active,
        start_at <= {{ as_of_date() }}
        and coalesce(end_at, {{ far_future() }}) >= {{ as_of_date() }} as is_active_by_dates
    from subscriptions

),

list_changes as (

    {%- for change_type, condition in [
        ('started', 'is_active_by_dates and not was_active'),
        ('ended', 'was_active and not is_active_by_dates'),
        (
            'started_and_ended',
            'start_at > previous_month_end and end_at < ' ~ as_of_date()
        ),
        (
            'scheduled_start',
            'start_at > ' ~ as_of_date() ~ ' and start_at <= ' ~ this_month_end
        ),
        ('scheduled_end', 'is_active_by_dates and end_at <= ' ~ this_month_end),
    ] %}
    select
        *,
        '{{ change_type }}' as change_type
    from read_dates
    where {{ condition }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

)

select
    company_id,
    change_type,
    subscription_id,
    external_org_id,
    display_name,
    product_code,
    mrr_original,
    currency,
    mrr,
    reporting_currency,
    start_at,
    end_at,
    status,
    as_of_date
from list_changes
