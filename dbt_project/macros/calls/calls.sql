{#- Kinds of calls that may become events. -#}
{% macro usage_kinds() -%}
    'track', 'page', 'screen'
{%- endmacro %}


{#- The rows of raw.calls with their earliest receipt; a call without a time of its own happened then. -#}
{% macro call_contents() -%}
    select
        {% for column in ['company_id', 'app_id', 'call_id', 'content_hash', 'vendor', 'kind', 'is_automatic', 'user_hash',
                          'anonymous_hash', 'previous_hash', 'is_merge', 'user_id', 'event', 'groups', 'account_id',
                          'traits', 'properties', 'path', 'session_id'] -%}
        calls.{{ column }},
        {% endfor -%}
        coalesce(calls.environment, 'production') as environment,
        case
            when calls.is_time_sent then calls.occurred_at
            else least(calls.received_at, coalesce(receipts.received_at, calls.received_at))
        end as occurred_at,
        least(calls.received_at, coalesce(receipts.received_at, calls.received_at)) as received_at
    from {{ source('raw', 'calls') }} as calls
    left join (
        select company_id, app_id, call_id, content_hash, min(received_at) as received_at
        from {{ source('raw', 'call_receipts') }}
        group by company_id, app_id, call_id, content_hash
    ) as receipts
        on calls.company_id = receipts.company_id and calls.app_id = receipts.app_id
        and calls.call_id = receipts.call_id and calls.content_hash = receipts.content_hash
{%- endmacro %}


{#-
    The same without the contents that lost a conflict, as far as they count. One condition, and joins: a filter's rows are
    estimated to be a fifth, and after five of them an engine takes a million calls for the smaller side of every join.
-#}
{% macro counted_contents() -%}
    select contents.*
    from ({{ call_contents() }}) as contents
    {{ join_counted('contents') }}
    left join {{ ref('stg_call_id_conflicts') }} as losers
        on losers.content_rank > 1
        and contents.company_id = losers.company_id and contents.app_id = losers.app_id
        and contents.call_id = losers.call_id and contents.content_hash = losers.content_hash
    where case when losers.call_id is null and {{ is_counted('contents') }} then true else false end
{%- endmacro %}


{#- Joins and a condition: a call, or an event, of a registered application and a production environment, at a plausible
    time up to the end of D. -#}
{% macro join_counted(rows) -%}
    inner join {{ ref('stg_applications') }} as registered
        on {{ rows }}.company_id = registered.company_id and {{ rows }}.app_id = registered.app_id
    left join {{ ref('environments') }} as labels on {{ rows }}.environment = labels.environment
{%- endmacro %}

{% macro is_counted(rows) -%}
    (coalesce(labels.is_production, true) and {{ is_plausible(rows ~ '.occurred_at') }})
{%- endmacro %}


{#- What a call says about accounts, as one id: calls that say the same are judged once. Null where it says nothing. -#}
{% macro context_id(account_id, groups, property_groups) -%}
    case
        when {{ account_id }} is not null or {{ groups }} is not null or {{ property_groups }} is not null
            then {{ derived_id([account_id, groups, property_groups]) }}
    end
{%- endmacro %}


{#- A member of a JSON object whose value is a list of ids: one id is a list too. Null for what holds no id. -#}
{% macro json_member(key, json) -%}
    case
        when {{ json }} is not null and cast({{ json }} as {{ dbt.type_string() }}) not like {{ "'{%'" }}
            and cast({{ json }} as {{ dbt.type_string() }}) not in ('null', '""', '[]', 'true', 'false')
            then concat(
                '"', replace(replace({{ key }}, {{ raw_text('\\') }}, {{ raw_text('\\\\') }}), '"', {{ raw_text('\\"') }}), '":',
                case
                    when cast({{ json }} as {{ dbt.type_string() }}) like {{ "'[%'" }} then cast({{ json }} as {{ dbt.type_string() }})
                    else concat('[', cast({{ json }} as {{ dbt.type_string() }}), ']')
                end
            )
    end
{%- endmacro %}


{#- A CTE: of the names of these calls those that are planned, with what the plan says of them. -#}
{% macro planned_names(calls, plan) -%}
planned_names as (

    -- distinct: few names are sent by many calls
    select
        names.company_id,
        names.app_id,
        names.event,
        plan.event as planned_event,
        plan.group_level
    from (
        select distinct company_id, app_id, event from {{ calls }}
        where event is not null
    ) as names
    inner join {{ plan }} as plan
        on names.company_id = plan.company_id and names.app_id = plan.app_id
        and {{ name_key('names.event') }} = plan.name_key

)
{%- endmacro %}
