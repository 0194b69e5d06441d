{#-
    CTEs that end in `<name>`: of `rows` (invitations and joins, `is_join`) of one account and one key those that belong
    together: a join and the newest invitation before it that is still open. As brackets belong together: at each depth
    an invitation and a join take turns, whatever is between them.
-#}
{% macro match_newest_open(name, rows, key) -%}
{%- set scope = 'company_id, external_org_id, ' ~ key -%}
{%- set order = event_order('case when is_join then 1 else 0 end') -%}
{{ name }}_balances as (

    select
        *,
        sum(case when is_join then -1 else 1 end) over (
            partition by {{ scope }} order by {{ order }} rows between unbounded preceding and current row
        ) as balance
    from {{ rows }}
    where {{ key }} is not null

),

{{ name }}_depths as (

    -- Joins that find nothing open do not count: the balance is held against the lowest one so far.
    select
        *,
        case when is_join then balance + 1 else balance end - least(
            coalesce(min(balance) over (
                partition by {{ scope }} order by {{ order }} rows between unbounded preceding and 1 preceding
            ), 0),
            0
        ) as depth
    from {{ name }}_balances

),

{{ name }}_pairs as (

    select
        *,
        lead(case when is_join then app_id end) over (partition by {{ scope }}, depth order by {{ order }}) as join_app_id,
        lead(case when is_join then event_id end) over (partition by {{ scope }}, depth order by {{ order }}) as join_event_id
    from {{ name }}_depths
    where depth > 0

),

{{ name }} as (

    select company_id, app_id, event_id, join_app_id, join_event_id from {{ name }}_pairs
    where not is_join and join_event_id is not null

)
{%- endmacro %}


{#- A query: no events of the lifecycle, where a build reads no calls; with the columns of those that there would be. -#}
{% macro no_lifecycle_events(flags) -%}
    {%- set text = dbt.type_string() -%}
    select
        {% for column in ['company_id', 'app_id', 'event_id', 'event', 'external_org_id', 'user_hash', 'path', 'sent_id',
                          'trial_days', 'plan_trialing', 'converted', 'plan_selected', 'invitation_id', 'invitee_email',
                          'invitee_role', 'role', 'from_plan', 'to_plan'] -%}
        cast(null as {{ text }}) as {{ column }},
        {% endfor -%}
        {% for flag in flags -%}
        cast(null as boolean) as {{ flag }},
        {% endfor -%}
        cast(null as timestamp) as occurred_at
    where false
{%- endmacro %}
