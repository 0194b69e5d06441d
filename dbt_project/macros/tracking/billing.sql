{#- Checks of what an account says and pays: when each fails, expected, observed, difference, since, and it in words. -#}
{% macro billing_checks() -%}
    {%- set text = dbt.type_string() -%}
    {{ return({
        'mrr_differs': (
            'mrr > 0 and mrr_trait > 0 and abs(mrr_trait - mrr) > 0.01 and abs(mrr_trait - mrr) > mrr_tolerance * mrr',
            'cast(mrr as ' ~ text ~ ')', 'cast(mrr_trait as ' ~ text ~ ')', 'mrr_trait - mrr', 'mrr_trait_from',
            'The trait mrr is not the MRR of the subscriptions.',
        ),
        'mrr_without_subscription': (
            'mrr_trait > 0 and mrr = 0', "'0.00'", 'cast(mrr_trait as ' ~ text ~ ')', 'mrr_trait', 'mrr_trait_from',
            'The trait mrr says that the account pays, but no subscription with MRR is imported.',
        ),
        'subscription_without_mrr': (
            'mrr > 0 and mrr_trait is null and is_defined', 'cast(mrr as ' ~ text ~ ')', 'null', 'null', 'first_mrr_day',
            'A subscription with MRR is imported, but the account has no trait mrr.',
        ),
        'plan_differs': (
            'not has_plan', 'product_codes', 'plan', 'null', 'cast(plan_from as date)',
            'The trait plan is none of the active products.',
        ),
        'plan_behind_event': (
            name_key('to_plan') ~ ' <> ' ~ name_key('plan') ~ ' and plan_from <= changed_at', 'to_plan', 'plan', 'null',
            'cast(changed_at as date)', 'The trait plan is not the plan of the newest change of plan.',
        ),
        'paying_without_calls': (
            'mrr > 0 and not is_defined and not has_events', "'calls'", "'none'", 'null', 'first_mrr_day',
            'The account pays, but no group call defines it and no event names it.',
        ),
    }) }}
{%- endmacro %}
