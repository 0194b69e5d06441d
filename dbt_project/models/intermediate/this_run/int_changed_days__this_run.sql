{% set events = source('raw', 'events') -%}
{% set receipts = source('raw', 'event_receipts') -%}
{% set inputs = ref('int_build_inputs__this_run') -%}
{% set ids = ['company_id', 'app_id', 'event_id'] -%}
{% set reasons = reasons_to_read_again() -%}
-- depends_on: {{ ref('int_call_events') }}
with

new_loads as (

    select name as load_id from {{ inputs }}
    where kind = 'load' and is_new

),

ids_sent_again as (

    {% for table in ['event_receipts', 'event_id_collisions'] -%}
    select {{ ids | join(', ') }} from {{ source('raw', table) }}
    where _dlt_load_id in (select new_loads.load_id from new_loads)
    {{ 'union' if not loop.last }}
    {% endfor %}
),

withdrawals as (

    select * from {{ source('raw', 'withdrawals') }}
    where
        external_org_id is not null
        and _dlt_load_id in (select new_loads.load_id from new_loads)

),

applications as (

    select * from {{ ref('stg_applications') }}

),

list_withdrawn_days as (

    -- What was withdrawn is in raw no more: only the first day is known.
    select
        withdrawals.company_id,
        applications.app_id,
        withdrawals.external_org_id as customer_org_id,
        {{ day_rows('withdrawals.first_day', as_of_date()) }} as occurred_on
    from withdrawals
    inner join applications on withdrawals.company_id = applications.company_id

),

find_days as (

    -- Where events are, and where they were: of an id that was sent again, the days of all of its contents.
    select company_id, app_id, customer_org_id, {{ event_day() }} as occurred_on from {{ events }}
    where {{ among(ids, 'ids_sent_again') }}

    union

    select events.company_id, events.app_id, events.customer_org_id, cast(receipts.received_at as date) as occurred_on
    from {{ receipts }} as receipts
    inner join {{ events }} as events
        on receipts.company_id = events.company_id
        and receipts.app_id = events.app_id
        and receipts.event_id = events.event_id
        and receipts.content_hash = events.content_hash
    where
        events.ts_epoch is null
        and (receipts.company_id, receipts.app_id, receipts.event_id) in (select {{ ids | join(', ') }} from ids_sent_again)

    union

    select company_id, app_id, customer_org_id, occurred_on from list_withdrawn_days
    {%- for reason in reasons.events %}

    union

    select company_id, app_id, customer_org_id, {{ event_day() }} as occurred_on from {{ events }}
    where {{ reason }}
    {%- endfor %}
    {%- if continues_last_build() and reads_calls() %}

    union

    select company_id, app_id, external_org_id as customer_org_id, occurred_on from {{ ref('int_call_events') }}
    where {{ reasons.calls | join(' or ') }}
    {%- endif %}

)

select
    company_id,
    app_id,
    customer_org_id as external_org_id,
    occurred_on
from find_days
where {{ continues_last_build() | lower }}
