{#- Each reason reads the events once, so those that nothing has are left out. As values: a scan with the loads or a
    time in its filter skips all blocks of others. -#}
{% set events = source('raw', 'events') -%}
{% set receipts = source('raw', 'event_receipts') -%}
{% set inputs = ref('int_build_inputs__this_run') -%}
{% set ids = ['company_id', 'app_id', 'event_id'] -%}
{% set reasons = [] -%}
{#- Of events of calls also what their account became, or was, by other calls: int_call_events compares. -#}
{% set call_reasons = ['built_in = ' ~ build_number(), 'replaced_in = ' ~ build_number()] -%}
{% if continues_last_build() -%}
    {% set first_open_day = [last_as_of_date(), as_of_day()] | min -%}
    {% set new_loads = values_of('select name from ' ~ inputs ~ " where kind = 'load' and is_new") -%}
    {% set other_companies = values_of(companies_with_other('usage')) -%}
    {% do reasons.append('_dlt_load_id in (' ~ new_loads ~ ')') -%}
    {#- Days that no build has been for, and days of a build that did not come to its end. -#}
    {% do reasons.append(
        'coalesce(ts_epoch, ' ~ epoch_after(first_open_day) ~ ') >= ' ~ epoch_after(first_open_day)
        ~ ' and ' ~ event_day() ~ " > cast('" ~ first_open_day ~ "' as date)"
    ) -%}
    {#- Days that have become implausible since, or plausible by another setting. -#}
    {% set plausible_days = [last_build_value('first_plausible_day') or '0001-01-01', first_plausible_day()] | sort -%}
    {% if plausible_days[0] != plausible_days[1] -%}
    {% do reasons.append(
        event_day() ~ " >= cast('" ~ plausible_days[0] ~ "' as date)"
        ~ ' and ' ~ event_day() ~ " < cast('" ~ plausible_days[1] ~ "' as date)"
    ) -%}
    {% endif -%}
    {% if other_companies != "''" -%}
        {% do reasons.append('company_id in (' ~ other_companies ~ ')') -%}
        {% do call_reasons.append('company_id in (' ~ other_companies ~ ')') -%}
    {% endif -%}
    {% if rebuilt_from('company_id', event_day()) != 'cast(null as date)' -%}
        {% do reasons.append(event_day() ~ ' >= ' ~ rebuilt_from('company_id', event_day())) -%}
        {% do call_reasons.append('occurred_on >= ' ~ rebuilt_from('company_id', 'occurred_on')) -%}
    {% endif -%}
{% endif -%}
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
    {%- for reason in reasons %}

    union

    select company_id, app_id, customer_org_id, {{ event_day() }} as occurred_on from {{ events }}
    where {{ reason }}
    {%- endfor %}
    {%- if continues_last_build() and reads_calls() %}

    union

    select company_id, app_id, external_org_id as customer_org_id, occurred_on from {{ ref('int_call_events') }}
    where {{ call_reasons | join(' or ') }}
    {%- endif %}

)

select
    company_id,
    app_id,
    customer_org_id as external_org_id,
    occurred_on
from find_days
where {{ continues_last_build() | lower }}
