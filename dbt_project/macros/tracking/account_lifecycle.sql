{#- A query: what calls say of accounts beside their traits: trials, changes of the plan, invitations, and what is paid. -#}
{% macro account_lifecycle() -%}
with

trials as (

    select
        company_id,
        external_org_id,
        max({{ record({'moment': 'coalesce(started_at, ended_at)', 'trial_id': 'trial_id', 'status': 'status'}) }}) as newest
    from {{ ref('trials') }}
    group by company_id, external_org_id

),

invitations as (

    select
        company_id,
        external_org_id,
        count(case when {{ within_windows('cast(invited_at as date)') }} then 1 end) as invitations_30d,
        count(case when {{ within_windows('cast(joined_at as date)') }} then 1 end) as joined_30d
    from {{ ref('invitations') }}
    group by company_id, external_org_id

),

plan_changes as (

    select
        company_id,
        external_org_id,
        max({{ record({
            'moment': 'occurred_at', 'event': 'event', 'path': "coalesce(path, '')", 'user_hash': "coalesce(user_hash, '')",
            'event_id': 'event_id', 'app_id': 'app_id', 'to_plan': json_text('to_plan', '$'),
        }) }}) as newest
    from {{ ref('int_lifecycle_events') }}
    where event in ('plan.upgraded', 'plan.downgraded')
    group by company_id, external_org_id

),

mrr_traits as (

    select company_id, group_id as external_org_id, mrr from {{ ref('int_mrr_traits') }}

),

list_accounts as (

    {% for rows in ['trials', 'invitations', 'plan_changes', 'mrr_traits'] -%}
    select company_id, external_org_id from {{ rows }}
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select
    accounts.company_id,
    accounts.external_org_id,
    mrr_traits.mrr as mrr_trait,
    (trials.newest).status as trial_status,
    (plan_changes.newest).moment as last_plan_change_at,
    replace((plan_changes.newest).event, 'plan.', '') as last_plan_change,
    (plan_changes.newest).to_plan as last_plan,
    invitations.invitations_30d,
    invitations.joined_30d
from list_accounts as accounts
{%- for rows in ['trials', 'invitations', 'plan_changes', 'mrr_traits'] %}
left join {{ rows }}
    on accounts.company_id = {{ rows }}.company_id and accounts.external_org_id = {{ rows }}.external_org_id
{%- endfor %}
{%- endmacro %}
