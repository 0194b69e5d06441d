{% set last_month = start_of('month', add_days(as_of_date(), 1)) -%}
with

months as (

    -- The last whole month.
    select * from {{ ref('mtu_monthly') }}
    where month = {{ add_months(last_month, -1) }}

),

rules as (

    select
        company_id,
        rule,
        {% for parameter in ['warning_at', 'bad_at', 'min_reduction', 'min_users_per_account', 'max_known_roles'] -%}
        max(case when parameter = '{{ parameter }}' then value end) as {{ parameter }}{{ ',' if not loop.last }}
        {% endfor %}
    from ({{ telemetry_rules() }}) as parameters
    group by company_id, rule

),

weigh_roles as (

    select company_id, coalesce(role, 'no role') as role, sum(weighted_events_30d) as weighted
    from {{ ref('user_accounts') }}
    where events_30d > 0
    group by company_id, coalesce(role, 'no role')

),

list_roles as (

    select company_id, {{ sorted_list("concat(role, ' ', " ~ number_words('weighted') ~ ")", ', ') }} as weighted_by_role
    from weigh_roles
    group by company_id

),

answer_questions as (

    -- Who asks about users: invitations that were followed, and a weight of the company's own for them in health.
    select
        company_id,
        company_id in (
            select joined.company_id from {{ ref('invitations') }} as joined
            where joined.match is not null
        ) as has_matched_invitation,
        company_id in (
            select health.company_id from {{ ref('health_model') }} as health
            where health.component = 'users' and health.weight > 0
        ) as weighs_users
    from {{ ref('stg_companies') }}

),

count_movements as (

    select company_id, count(*) as movements from {{ ref('mrr_movements') }}
    where month >= {{ start_of('month', add_days(as_of_date(), -89)) }}
    group by company_id

),

join_months as (

    select
        measures.*,
        questions.has_matched_invitation,
        questions.weighs_users,
        coalesce(count_movements.movements, 0) as movements,
        coalesce(list_roles.weighted_by_role, 'nothing') as weighted_by_role,
        months.month, months.mtu_per_user, months.mtu_instance_level, months.users_per_account, months.reduction,
        months.reduction_billable,
        {{ ratio('measures.pairs - measures.without_role', 'measures.pairs') }} as known_roles
    from {{ ref('int_telemetry_measures') }} as measures
    inner join answer_questions as questions on measures.company_id = questions.company_id
    left join list_roles on measures.company_id = list_roles.company_id
    left join count_movements on measures.company_id = count_movements.company_id
    left join months on measures.company_id = months.company_id and measures.app_id = months.app_id

),

measure_rules as (

    select
        months.*,
        rules.rule,
        rules.min_reduction,
        rules.min_users_per_account,
        rules.max_known_roles,
        coalesce(rules.warning_at, rules.min_reduction) as warning_at,
        coalesce(rules.bad_at, rules.min_reduction) as bad_at,
        {%- for column, place in {'measure': 0, 'evidence': 1}.items() %}
        case rules.rule
            {%- for rule, numbers in telemetry_measures().items() %}
            when '{{ rule }}' then {{ numbers[place] }}
            {%- endfor %}
        end as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from join_months as months
    inner join rules on months.company_id = rules.company_id
    where rules.rule in ('{{ telemetry_measures() | join("', '") }}')

),

judge_measures as (

    select *, {{ telemetry_status() }} as status from measure_rules

)

select
    company_id,
    app_id,
    rule,
    measure,
    status,
    warning_at,
    bad_at,
    evidence,
    {{ telemetry_advice('rule', 'status') }} as advice,
    {{ as_of_date() }} as as_of_date
from judge_measures
