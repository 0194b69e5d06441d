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
