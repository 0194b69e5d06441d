{#- Where no application sends calls, what calls say of accounts is null. While dbt parses it learns of the models. -#}
{% set knows_calls = reads_calls() or not execute -%}
{% set said = {} -%}
{% for column, type in {
    'mrr_trait': 'decimal(18, 2)', 'trial_status': dbt.type_string(), 'last_plan_change_at': 'timestamp',
    'last_plan_change': dbt.type_string(), 'last_plan': dbt.type_string(), 'invitations_30d': 'bigint', 'joined_30d': 'bigint',
}.items() -%}
    {% do said.update({column: 'lifecycle.' ~ column if knows_calls else 'cast(null as ' ~ type ~ ')'}) -%}
{% endfor -%}
with

activation as (

    select * from {{ ref('int_account_activation') }}

),

organizations as (

    select * from {{ ref('organizations') }}

),

known_groups as (

    select * from {{ ref('groups') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}
    where app_id = 'all'

),

plan as (

    select * from ({{ planned_traits() }}) as traits
    where entity = 'account' and requirement = 'required' and trait <> 'account_id'

),

count_users as (

    select company_id, external_org_id, count(distinct user_hash) as users from {{ ref('int_user_days') }}
    group by company_id, external_org_id

),

{% if knows_calls -%}
lifecycle as (

    {{ account_lifecycle() }}

),

{% endif -%}
find_missing as (

    select accounts.company_id, accounts.external_org_id, {{ sorted_list('plan.trait') }} as traits_missing
    from activation as accounts
    inner join plan on accounts.company_id = plan.company_id
    left join {{ ref('trait_history') }} as known
        on accounts.company_id = known.company_id and known.entity = 'group' and known.is_current
        and accounts.external_org_id = known.entity_id and plan.trait = known.trait
    where known.trait is null
    group by accounts.company_id, accounts.external_org_id

),

gather_facts as (

    select
        accounts.company_id,
        accounts.external_org_id,
        coalesce(known_groups.is_defined, false) as is_defined,
        coalesce(organizations.is_imported, false) as is_imported,
        names.display_name as name,
        {{ json_text('known_groups.traits', '$.plan') }} as plan,
        {{ said.mrr_trait }} as mrr_trait,
        cast(coalesce(organizations.mrr, 0) as decimal(18, 2)) as mrr,
        {{ json_text('known_groups.traits', '$.billing_cycle') }} as billing_cycle,
        {{ json_text('known_groups.traits', '$.support_level') }} as support_level,
        {{ trait_integer('known_groups.traits', 'employee_count') }} as employee_count,
        {{ trait_integer('known_groups.traits', 'number_of_users') }} as number_of_users,
        {{ json_text('known_groups.traits', '$.industry') }} as industry,
        known_groups.created_at,
        accounts.started_on,
        case when scopes.counts_users then coalesce(count_users.users, 0) end as users,
        case when scopes.counts_users then coalesce(organizations.active_users_30d, 0) end as active_users_30d,
        accounts.activation_state,
        case when accounts.activation_state = 'activated' then accounts.last_reached_on end as activated_on,
        accounts.rules_met,
        accounts.rules_defined,
        {{ said.trial_status }} as trial_status,
        {{ said.last_plan_change_at }} as last_plan_change_at,
        {{ said.last_plan_change }} as last_plan_change,
        {{ said.last_plan }} as last_plan,
        coalesce({{ said.invitations_30d }}, 0) as invitations_30d,
        coalesce({{ said.joined_30d }}, 0) as joined_30d,
        known_groups.traits,
        coalesce(find_missing.traits_missing, '') as traits_missing,
        {{ as_of_date() }} as as_of_date
    from activation as accounts
    inner join scopes on accounts.company_id = scopes.company_id
    left join known_groups
        on accounts.company_id = known_groups.company_id and accounts.external_org_id = known_groups.group_id
    {%- for part, rows in [
        ('organizations', 'organizations'), ('names', organization_names()), ('count_users', 'count_users'),
        ('find_missing', 'find_missing'),
    ] + ([('lifecycle', 'lifecycle')] if knows_calls else []) %}
    left join {{ rows }}{{ ' as ' ~ part if rows != part }}
        on accounts.company_id = {{ part }}.company_id and accounts.external_org_id = {{ part }}.external_org_id
    {%- endfor %}

)

select * from {{ described('gather_facts', 'display_name', 'reporting_currency') }}
