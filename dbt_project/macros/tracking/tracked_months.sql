{#- A query: applications in the scopes that they count in, their own and `all`, and whether the scope counts users. -#}
{% macro scopes_of_applications() -%}
    {%- set applications = ref('stg_applications') -%}
    select company_id, app_id, identity_mode = 'user' as counts_users, app_id as scope, identity_mode as scope_mode
    from {{ applications }}

    union all

    select
        company_id, app_id, identity_mode = 'user' as counts_users, 'all' as scope,
        case
            when min(identity_mode) over (partition by company_id) = max(identity_mode) over (partition by company_id)
                then identity_mode
            else 'mixed'
        end as scope_mode
    from {{ applications }}
{%- endmacro %}


{#- Months some of whose days changed. Ids are counted by whole months: who came on two days of one came once. -#}
{% macro tracked_months() -%}
    select company_id, app_id, {{ start_of('month', 'date_day') }} as month from {{ ref('int_tracking_days__this_run') }}
{%- endmacro %}


{#- The rest of a condition, where a build continues: a day, or a moment, lies in such a month. -#}
{% macro in_tracked_months(moment) -%}
    {%- if is_incremental() -%}
    {%- set months = first_and_last('select month as occurred_on from (' ~ tracked_months() ~ ') as months') -%}
    and {{ moment }} >= cast('{{ months[0] }}' as date) and {{ moment }} < {{ add_months("cast('" ~ months[1] ~ "' as date)", 1) }}
        and (company_id, app_id, {{ start_of('month', moment) }}) in ({{ tracked_months() }})
    {%- endif -%}
{%- endmacro %}


{#- Before a build: the months that it counts again. -#}
{% macro delete_tracked_months() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where (company_id, app_id, month) in ({{ tracked_months() }})
    {%- endif -%}
{%- endmacro %}


{#- The trait `number_of_users` as a number; null where it is none. -#}
{% macro number_of_users(value) -%}
    case when {{ regexp_matches(value, "'^[0-9]+([.]0*)?$'") }} then cast(cast({{ value }} as double) as bigint) end
{%- endmacro %}


{#- Tracked users to pay for where a vendor includes so many calls (`included`) in each. -#}
{% macro billable(users) -%}
    cast(case
        when included > 0 and {{ users }} is not null then greatest({{ users }}, ceil(calls / included))
        else {{ users }}
    end as bigint)
{%- endmacro %}
