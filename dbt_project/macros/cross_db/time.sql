{#- Whole Unix seconds as a UTC timestamp without a zone. -#}
{% macro epoch_to_timestamp(seconds) -%}
    {{ return(adapter.dispatch('epoch_to_timestamp', 'saas_tracker')(seconds)) }}
{%- endmacro %}

{% macro default__epoch_to_timestamp(seconds) -%}
    make_timestamp({{ seconds }} * 1000000)
{%- endmacro %}

{% macro spark__epoch_to_timestamp(seconds) -%}
    timestamp_seconds({{ seconds }})
{%- endmacro %}


{#- Unix microseconds as a UTC timestamp without a zone. -#}
{% macro micros_to_timestamp(micros) -%}
    {{ return(adapter.dispatch('micros_to_timestamp', 'saas_tracker')(micros)) }}
{%- endmacro %}

{% macro default__micros_to_timestamp(micros) -%}
    make_timestamp({{ micros }})
{%- endmacro %}

{% macro spark__micros_to_timestamp(micros) -%}
    timestamp_micros({{ micros }})
{%- endmacro %}


{#- Unix microseconds of a UTC timestamp without a zone. -#}
{% macro timestamp_to_micros(moment) -%}
    {{ return(adapter.dispatch('timestamp_to_micros', 'saas_tracker')(moment)) }}
{%- endmacro %}

{% macro default__timestamp_to_micros(moment) -%}
    epoch_us({{ moment }})
{%- endmacro %}

{% macro spark__timestamp_to_micros(moment) -%}
    unix_micros({{ moment }})
{%- endmacro %}


{#- Whole seconds that passed between two timestamps (not the clock seconds that began). -#}
{% macro seconds_between(started_at, ended_at) -%}
    cast(floor(
        ({{ timestamp_to_micros(ended_at) }} - {{ timestamp_to_micros(started_at) }}) / 1000000.0
    ) as bigint)
{%- endmacro %}


{#- A day moved by a whole number of days, as a date. The number may be negative. -#}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days', 'saas_tracker')(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    cast({{ day }} + ({{ days }}) as date)
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
    date_add({{ day }}, {{ days }})
{%- endmacro %}


{#- A time moved by a whole number of days; its fraction of a second is kept. -#}
{% macro add_days_to_time(moment, days) -%}
    {{ return(adapter.dispatch('add_days_to_time', 'saas_tracker')(moment, days)) }}
{%- endmacro %}

{% macro default__add_days_to_time(moment, days) -%}
    {{ moment }} + to_days(cast({{ days }} as integer))
{%- endmacro %}

{% macro spark__add_days_to_time(moment, days) -%}
    {{ moment }} + make_dt_interval({{ days }})
{%- endmacro %}


{#- A day moved by a whole number of months, as a date. The number may be negative. -#}
{% macro add_months(day, months) -%}
    cast({{ dbt.dateadd('month', months, day) }} as date)
{%- endmacro %}


{#- The first day of the month, quarter, year ... that a day lies in, as a date. -#}
{% macro start_of(period, day) -%}
    cast({{ dbt.date_trunc(period, day) }} as date)
{%- endmacro %}


{#- The last day of the month that a day lies in, as a date. -#}
{% macro month_end(day) -%}
    {{ dbt.last_day(day, 'month') }}
{%- endmacro %}


{#- The UTC day of a row of `raw.events`, as far as the row itself says: an earlier receipt may move it. -#}
{% macro event_day() -%}
    cast(coalesce({{ epoch_to_timestamp('ts_epoch') }}, received_at) as date)
{%- endmacro %}
