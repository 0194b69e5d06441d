{#-
    When a subscription counts, as two columns: the first and the last day, up to D, of a period. Where the last is
    before the first it counts on none of them.
    `subscription` has the dates (`start_at`, `end_at`) and `is_void` of its newest version known, `interval` is a row of
    `int_subscription_status_intervals`: days on which one version is in force.
-#}
{% macro counting_days(subscription, interval) -%}
    greatest({{ subscription }}.start_at, {{ interval }}.valid_from) as active_from,
        case
            when {{ subscription }}.is_void then {{ far_past() }}
            else least(
                coalesce({{ subscription }}.end_at, {{ far_future() }}),
                {{ interval }}.counts_to,
                {{ as_of_date() }}
            )
        end as active_to
{%- endmacro %}
