{#-
    Conditions on events whose days a build that continues the last one reads again: on rows of `raw.events`, and on
    events of calls (`int_call_events`). Each reads the events once, so those that nothing has are left out. Loads and
    times are values: a scan with those in its filter skips all blocks of others.
-#}
{% macro reasons_to_read_again() -%}
    {#- Of events of calls also what their account became, or was, by other calls: int_call_events compares. -#}
    {%- set reasons = {'events': [], 'calls': ['built_in = ' ~ build_number(), 'replaced_in = ' ~ build_number()]} -%}
    {%- set inputs = ref('int_build_inputs__this_run') -%}
    {%- if continues_last_build() -%}
        {%- set new_loads = values_of('select name from ' ~ inputs ~ " where kind = 'load' and is_new") -%}
        {%- do reasons.events.append('_dlt_load_id in (' ~ new_loads ~ ')') -%}
        {#- Days that no build has been for, and days of a build that did not come to its end. -#}
        {%- set first_open_day = [last_as_of_date(), as_of_day()] | min -%}
        {%- do reasons.events.append(
            'coalesce(ts_epoch, ' ~ epoch_after(first_open_day) ~ ') >= ' ~ epoch_after(first_open_day)
            ~ ' and ' ~ event_day() ~ " > cast('" ~ first_open_day ~ "' as date)"
        ) -%}
        {#- Days that have become implausible since, or plausible by another setting. -#}
        {%- set plausible_days = [last_build_value('first_plausible_day') or '0001-01-01', first_plausible_day()] | sort -%}
        {%- if plausible_days[0] != plausible_days[1] -%}
            {%- do reasons.events.append(
                event_day() ~ " >= cast('" ~ plausible_days[0] ~ "' as date)"
                ~ ' and ' ~ event_day() ~ " < cast('" ~ plausible_days[1] ~ "' as date)"
            ) -%}
        {%- endif -%}
        {%- set other_companies = values_of(companies_with_other('usage')) -%}
        {%- if other_companies != "''" -%}
            {%- do reasons.events.append('company_id in (' ~ other_companies ~ ')') -%}
            {%- do reasons.calls.append('company_id in (' ~ other_companies ~ ')') -%}
        {%- endif -%}
        {%- if rebuilt_from('company_id', event_day()) != 'cast(null as date)' -%}
            {%- do reasons.events.append(event_day() ~ ' >= ' ~ rebuilt_from('company_id', event_day())) -%}
            {%- do reasons.calls.append('occurred_on >= ' ~ rebuilt_from('company_id', 'occurred_on')) -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(reasons) }}
{%- endmacro %}
