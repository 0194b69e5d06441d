{{ config(materialized='ephemeral') }}
{#- Numbers behind the six anti-patterns, by scope. -#}
{% set on_scope = 'applications.company_id = rows_of.company_id and applications.app_id = rows_of.app_id' -%}
-- depends_on: {{ ref('int_call_days') }}, {{ ref('int_trait_versions') }}, {{ ref('int_user_roles') }}
with

applications as (

    {{ scopes_of_applications() }}

),

count_context as (

    select
        rows_of.company_id, applications.scope as app_id,
        sum(case when rows_of.finding in ('sent', 'automatic') then rows_of.occurrences else 0 end) as sent,
        sum(case when rows_of.finding = 'without_context' then rows_of.occurrences else 0 end) as without_context
    from {{ ref('int_event_findings') }} as rows_of
    inner join applications on {{ on_scope }}
    where {{ within_windows('rows_of.date_day') }}
    group by rows_of.company_id, applications.scope

),

count_rejected as (

    -- An event without an organization came with its file.
    select rows_of.company_id, applications.scope as app_id, count(*) as rejected
    from ({{ registered_rows('rejected_rows') }}) as rows_of
    inner join applications on {{ on_scope }}
    inner join {{ source('raw', 'loaded_files') }} as files
        on rows_of.path = files.path and rows_of.load_id = files.load_id
    where
        rows_of.resolved_at is null and concat(',', rows_of.reasons, ',') like '%,customer!_org!_id!_missing,%' escape '!'
        and {{ within_windows('cast(files.modified_at as date)') }} and cast(files.modified_at as date) <= {{ as_of_date() }}
    group by rows_of.company_id, applications.scope

),

count_organizations as (

    select
        rows_of.company_id, rows_of.app_id, count(*) as organizations,
        count(case when imported.external_org_id is null and named.external_org_id is null then 1 end) as unknown
    from (
        -- distinct: an organization is active on many days
        select distinct company_id, app_id, external_org_id from {{ ref('int_organization_event_days') }}
        where events > 0 and {{ within_windows('date_day') }}
    ) as rows_of
    left join {{ ref('stg_organizations') }} as imported
        on rows_of.company_id = imported.company_id and rows_of.external_org_id = imported.external_org_id
    left join {{ organization_names() }} as named
        on rows_of.company_id = named.company_id and rows_of.external_org_id = named.external_org_id
        and named.display_name is not null
    group by rows_of.company_id, rows_of.app_id

),

count_planned as (

    select
        rows_of.company_id, applications.scope as app_id,
        count(distinct case when plan.category = 'collaboration' then plan.event end) as collaboration,
        count(distinct case when plan.category = 'billing' then plan.event end) as billing
    from {{ ref('int_event_findings') }} as rows_of
    inner join applications on {{ on_scope }}
    inner join {{ ref('stg_tracking_plan') }} as plan
        on rows_of.company_id = plan.company_id and rows_of.app_id = plan.app_id and rows_of.event = plan.event
    where rows_of.finding = 'sent' and rows_of.sent_event is not null and rows_of.date_day > {{ add_days(as_of_date(), -90) }}
    group by rows_of.company_id, applications.scope

),

senders as (

    -- distinct: an application sends calls on many days
    select distinct applications.company_id, applications.scope as app_id from applications
    {%- if reads_calls() %}
    inner join {{ ref('int_call_days') }} as rows_of on {{ on_scope }} and rows_of.replaced_in is null
    {%- else %}
    where false
    {%- endif %}

),

count_roles as (

    select
        pairs.company_id, pairs.app_id, count(*) as pairs, count(distinct pairs.user_hash) as users,
        count({{ "case when roles.role is null then 1 end" if reads_calls() else '*' }}) as without_role
    from (
        -- distinct: a user comes on many days
        select distinct rows_of.company_id, applications.scope as app_id, rows_of.user_hash, rows_of.external_org_id
        from {{ ref('int_user_days') }} as rows_of
        inner join applications on {{ on_scope }}
        where {{ within_windows('rows_of.date_day') }}
    ) as pairs
    {%- if reads_calls() %}
    left join {{ ref('int_user_roles') }} as roles
        on pairs.company_id = roles.company_id and pairs.user_hash = roles.user_hash
        and pairs.external_org_id = roles.external_org_id and roles.valid_to = {{ end_of_time() }}
    {%- endif %}
    group by pairs.company_id, pairs.app_id

)

select
    scopes.company_id, scopes.app_id, scopes.identity_mode,
    senders.app_id is not null as sends_calls,
    {% for number in ['sent', 'without_context', 'rejected', 'organizations', 'unknown', 'collaboration', 'billing', 'pairs',
                      'users', 'without_role'] -%}
    cast(coalesce({{ number }}, 0) as bigint) as {{ number }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('int_application_scopes') }} as scopes
{%- for found in ['senders', 'count_context', 'count_rejected', 'count_organizations', 'count_planned', 'count_roles'] %}
left join {{ found }}
    on scopes.company_id = {{ found }}.company_id and scopes.app_id = {{ found }}.app_id
{%- endfor %}
