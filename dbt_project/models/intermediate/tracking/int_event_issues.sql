{{ config(materialized='ephemeral') }}
{% set counted = ['occurrences', 'first_seen_at', 'last_seen_at', 'example_id'] -%}
{#- Of calls alone: flat events have their organization. -#}
{% set group_issues = ['group_missing', 'no_account', 'group_undefined', 'group_conflict', 'group_level_wrong'] -%}
with

findings as (

    select * from {{ ref('int_event_findings') }}

),

property_findings as (

    select * from {{ ref('int_property_findings') }}

),

planned_properties as (

    -- distinct: a property has several names
    select distinct company_id, app_id, event_key, property, is_required from {{ ref('stg_planned_properties') }}

),

list_issues as (

    select company_id, app_id, event, '' as property, date_day, finding as issue, {{ counted | join(', ') }} from findings
    where finding in ('near_miss', 'unplanned', '{{ group_issues | join("', '") }}')

    union all

    select company_id, app_id, event, property, date_day, issue, {{ counted | join(', ') }} from property_findings

),

count_checked as (

    select
        company_id,
        app_id,
        event,
        sum(occurrences) as sent,
        sum(case when is_call then occurrences else 0 end) as sent_as_calls
    from findings
    where finding = 'sent' and {{ within_windows('date_day') }}
    group by company_id, app_id, event

),

sum_issues as (

    select
        company_id,
        app_id,
        event,
        property,
        issue,
        cast(sum(occurrences) as bigint) as occurrences,
        cast(sum(case when {{ within_windows('date_day') }} then occurrences else 0 end) as bigint) as occurrences_30d,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        {{ newest('example_id', 'last_seen_at') }} as example_id
    from list_issues
    group by company_id, app_id, event, property, issue

),

describe_issues as (

    select
        issues.company_id,
        issues.app_id,
        issues.event,
        issues.property,
        issues.issue,
        issues.occurrences,
        issues.occurrences_30d,
        cast(coalesce(
            case when issues.issue in ('{{ group_issues | join("', '") }}') then checked.sent_as_calls else checked.sent end, 0
        ) as bigint) as checked_30d,
        issues.first_seen_at,
        issues.last_seen_at,
        issues.example_id,
        case when properties.is_required then 'required' when not properties.is_required then 'optional' end as requirement
    from sum_issues as issues
    left join count_checked as checked
        on issues.company_id = checked.company_id and issues.app_id = checked.app_id and issues.event = checked.event
    left join planned_properties as properties
        on issues.company_id = properties.company_id and issues.app_id = properties.app_id
        and issues.issue like 'property%' and issues.property = properties.property
        and {{ name_key('issues.event') }} = properties.event_key

)

select * from describe_issues
