{% set keys = ['company_id', 'app_id', 'event_id'] -%}
{% set sent_again = ref('int_events_sent_again') -%}
{#- As values: a scan with them in its filter skips what was loaded before. -#}
{% set new_loads = values_of(ref('int_new_loads'), 'load_id') -%}
{#- Each reason reads the staged events once, so those that nothing has are left out. -#}
{% set reasons = ['load_id in (' ~ new_loads ~ ')'] if continues_last_build() else ['false'] -%}
{% if continues_last_build() and has_rows(sent_again) -%}
    {% do reasons.append(among(keys, sent_again)) -%}
{% endif -%}
{% if continues_last_build() and last_as_of_date() < as_of_day() -%}
    {#- They were ahead of the day of the last build. -#}
    {% do reasons.append(
        '(ts_epoch is null or ts_epoch >= ' ~ epoch_after(last_as_of_date()) ~ ')'
        ~ ' and occurred_at >= cast(' ~ add_days("cast('" ~ last_as_of_date() ~ "' as date)", 1) ~ ' as timestamp)'
        ~ ' and occurred_at < cast(' ~ add_days(as_of_date(), 1) ~ ' as timestamp)'
    ) -%}
{% endif -%}
{% if continues_last_build() and is_to_rebuild('', '') != 'false' -%}
    {% do reasons.append(is_to_rebuild('company_id', 'cast(occurred_at as date)')) -%}
{% endif -%}
with

events_sent_again as (

    select * from {{ sent_again }}

),

select_events as (

    {% for reason in reasons -%}
    select * from {{ ref('stg_events') }}
    where {{ reason }}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

add_reasons as (

    select
        select_events.*,
        events_sent_again.event_id is not null as is_sent_again,
        select_events.is_production
        and select_events.occurred_at < cast({{ add_days(as_of_date(), 1) }} as timestamp) as counts
    from select_events
    left join events_sent_again
        on select_events.company_id = events_sent_again.company_id
        and select_events.app_id = events_sent_again.app_id
        and select_events.event_id = events_sent_again.event_id

)

select * from add_reasons
