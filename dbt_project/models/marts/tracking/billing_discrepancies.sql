{{ config(tags=['calls']) }}
{% set account = 'company_id, external_org_id' -%}
{% set checks = billing_checks() -%}
{% set movements = {
    'plan.upgraded': ('upgrade_without_expansion', "'new', 'reactivation', 'expansion'"),
    'plan.downgraded': ('downgrade_without_contraction', "'contraction', 'churn'"),
} -%}
with

rules as (

    select
        company_id,
        max(case when parameter = 'mrr_tolerance' then value end) as mrr_tolerance,
        cast(max(case when parameter = 'grace_days' then value end) as integer) as grace_days
    from ({{ telemetry_rules() }}) as parameters
    where rule = 'billing'
    group by company_id

),

accounts as (

    select accounts.*, rules.mrr_tolerance, rules.grace_days
    from {{ ref('int_billing_accounts') }} as accounts
    inner join rules on accounts.company_id = rules.company_id

),

trials as (

    select trials.*, accounts.mrr, cast(trials.ended_at as date) as ended_on, accounts.grace_days
    from {{ ref('trials') }} as trials
    inner join accounts
        on trials.company_id = accounts.company_id and trials.external_org_id = accounts.external_org_id

),

find_unmoved as (

    -- Changes of plan without a movement of MRR in their month or the next.
    {% for event, (check, kinds) in movements.items() -%}
    select changes.company_id, changes.external_org_id, '{{ check }}' as discrepancy, min(cast(changes.occurred_at as date)) as since
    from {{ ref('int_lifecycle_events') }} as changes
    inner join accounts
        on changes.company_id = accounts.company_id and changes.external_org_id = accounts.external_org_id
    left join {{ ref('mrr_movements') }} as moved
        on changes.company_id = moved.company_id and changes.external_org_id = moved.external_org_id
        and moved.movement in ({{ kinds }}) and {{ start_of('month', 'changes.occurred_at') }} <= moved.month
        and {{ add_months(start_of('month', 'changes.occurred_at'), 1) }} >= moved.month
    where
        changes.event = '{{ event }}' and moved.month is null
        and cast(changes.occurred_at as date) > {{ add_days(as_of_date(), -90) }}
        and {{ add_days('cast(changes.occurred_at as date)', 'accounts.grace_days') }} <= {{ as_of_date() }}
    group by changes.company_id, changes.external_org_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

find_unpaid as (

    select trials.company_id, trials.external_org_id, trials.ended_on
    from trials
    left join {{ ref('int_subscription_mrr_intervals') }} as paid
        on trials.company_id = paid.company_id and trials.external_org_id = paid.external_org_id
        and paid.mrr > 0 and trials.ended_on <= paid.valid_to and paid.valid_from <= {{ as_of_date() }}
    where
        trials.status = 'converted' and paid.mrr is null
        and {{ add_days('trials.ended_on', 'trials.grace_days') }} <= {{ as_of_date() }}

),

list_discrepancies as (

    {% for check, (condition, expected, observed, difference, since, words) in checks.items() -%}
    select
        {{ account }}, '{{ check }}' as discrepancy, {{ expected }} as expected, {{ observed }} as observed,
        cast({{ difference }} as decimal(18, 2)) as difference, {{ since }} as since, '{{ words }}' as explanation
    from accounts
    where {{ condition }}

    union all

    {% endfor -%}
    select
        {{ account }}, discrepancy, 'movement of MRR' as expected, 'none' as observed, null as difference, since,
        'The plan was changed, but MRR did not move with it in that month or the next.' as explanation
    from find_unmoved

    union all

    select
        {{ account }}, 'conversion_without_subscription' as discrepancy, 'MRR' as expected, 'none' as observed,
        null as difference, min(ended_on) as since, 'A trial was converted, but there is no MRR since.' as explanation from find_unpaid
    group by {{ account }}

    union all

    select
        {{ account }}, 'subscription_without_conversion' as discrepancy, 'converted' as expected,
        'not_converted' as observed, null as difference, min(ended_on) as since,
        'A trial ended without conversion, but the account pays.' as explanation from trials
    where status = 'not_converted' and mrr > 0
    group by {{ account }}

)

select
    company_id,
    external_org_id,
    discrepancy,
    expected,
    observed,
    difference,
    coalesce(since, {{ as_of_date() }}) as since,
    explanation,
    {{ as_of_date() }} as as_of_date,
    display_name,
    reporting_currency
from {{ described('list_discrepancies', 'display_name', 'reporting_currency') }}
