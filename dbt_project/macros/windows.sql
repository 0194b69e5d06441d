{#-
    The windows of usage, in days: the last 30, the day itself included, and the 30 before them (docs/metrics.md, Usage
    windows). The names of the columns say 30, so another number is another metric.
-#}
{% macro window_days() -%}
    {{ return(30) }}
{%- endmacro %}


{#- A condition: a day lies in the window that ends on D, or in that and the ones before it. -#}
{% macro within_windows(day, windows=1) -%}
    {{ day }} > {{ add_days(as_of_date(), -windows * window_days()) }}
{%- endmacro %}


{#- The frame of a window over dense days: the last one, or the one before it. -#}
{% macro window_frame(windows_back=0) -%}
    {%- set first, last = window_days() * (windows_back + 1) - 1, window_days() * windows_back -%}
    rows between {{ first }} preceding and {{ last ~ ' preceding' if last else 'current row' }}
{%- endmacro %}
