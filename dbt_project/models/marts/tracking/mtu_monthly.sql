{% set scope = ['company_id', 'app_id', 'month'] -%}
-- depends_on: {{ ref('int_call_days') }}
with

applications as (

    {{ scopes_of_applications() }}

),

list_days as (

    select company_id, app_id, date_day, occurrences as calls from {{ ref('int_flat_event_days') }}
    {%- if reads_calls() %}
    union all
    select company_id, app_id, date_day, calls from {{ ref('int_call_days') }}
    where replaced_in is null
    {%- endif %}

),

count_calls as (

    select
        days.company_id, applications.scope as app_id, {{ start_of('month', 'days.date_day') }} as month,
        cast(sum(days.calls) as bigint) as calls,
        max(case when applications.counts_users then 0 else 1 end) = 1 as is_estimated,
        min(applications.scope_mode) as identity_mode
    from list_days as days
    inner join applications on days.company_id = applications.company_id and days.app_id = applications.app_id
    group by days.company_id, applications.scope, {{ start_of('month', 'days.date_day') }}

),

find_unattributed as (

    -- distinct: one anonymous identity stands for all of them
    select distinct findings.company_id, applications.scope as app_id, {{ start_of('month', 'findings.date_day') }} as month
    from {{ ref('int_event_findings') }} as findings
    inner join applications on findings.company_id = applications.company_id and findings.app_id = applications.app_id
    where findings.finding = 'without_account'

),

measure_months as (

    select
        months.{{ scope | join(', months.') }},
        months.identity_mode,
        months.calls,
        months.is_estimated,
        cast(coalesce(ids.tracked_users, 0) as bigint) as tracked_users,
        cast(coalesce(ids.anonymous_users, 0) as bigint) as anonymous_users,
        cast(coalesce(ids.group_call_only_users, 0) as bigint) as group_call_only_users,
        coalesce(accounts.accounts, 0) as accounts,
        cast(coalesce(accounts.without_count, 0) as bigint) as accounts_without_user_count,
        cast(case
            when months.identity_mode = 'instance' then accounts.estimate
            else coalesce(ids.users, 0) + coalesce(accounts.estimate, 0)
        end as bigint) as mtu_per_user,
        coalesce(accounts.accounts, 0) + case when unattributed.month is null then 0 else 1 end as mtu_instance_level,
        rules.value as included
    from count_calls as months
    {%- for found, name in {ref('int_id_months'): 'ids', ref('int_account_months'): 'accounts', 'find_unattributed': 'unattributed'}.items() %}
    left join {{ found }} as {{ name }}
        on months.company_id = {{ name }}.company_id and months.app_id = {{ name }}.app_id and months.month = {{ name }}.month
    {%- endfor %}
    left join ({{ telemetry_rules() }}) as rules
        on months.company_id = rules.company_id and rules.rule = 'mtu' and rules.parameter = 'included_calls_per_mtu'

),

add_bills as (

    select
        *,
        {{ billable('mtu_per_user') }} as billable_per_user,
        {{ billable('mtu_instance_level') }} as billable_instance_level
    from measure_months

)

select
    {{ scope | join(',\n    ') }},
    identity_mode,
    calls,
    tracked_users,
    anonymous_users,
    group_call_only_users,
    accounts,
    {{ ratio('mtu_per_user', 'accounts') }} as users_per_account,
    mtu_per_user,
    mtu_instance_level,
    case when accounts > 0 then 1 - {{ ratio('mtu_instance_level', 'mtu_per_user') }} end as reduction,
    included as included_calls_per_mtu,
    billable_per_user,
    billable_instance_level,
    case when accounts > 0 then 1 - {{ ratio('billable_instance_level', 'billable_per_user') }} end as reduction_billable,
    accounts_without_user_count,
    is_estimated,
    {{ month_end('month') }} > {{ as_of_date() }} as is_partial
from add_bills
