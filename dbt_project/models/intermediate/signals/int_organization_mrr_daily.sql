{{ config(materialized='incremental', pre_hook="{{ delete_from_day_on('signals', ['company_id']) }}") }}
with

changes as (

    select * from {{ ref('int_organization_mrr_changes') }}

),

first_days as (

    {% set first_days = days_to_recompute_from('signals', ['company_id']) -%}
    {% if continues_last_build() -%}
    {{ first_days }}
    {%- else -%}
    select company_id, min(date_day) as from_day
    from changes
    group by company_id
    {%- endif %}

),

cut_changes as (

    -- What changed before is in the amount of its first day.
    select
        changes.company_id,
        changes.external_org_id,
        greatest(changes.date_day, first_days.from_day) as date_day,
        sum(changes.mrr_change) as mrr_change
    from changes
    inner join first_days
        on changes.company_id = first_days.company_id
    group by changes.company_id, changes.external_org_id, greatest(changes.date_day, first_days.from_day)

),

add_amounts as (

    select
        company_id,
        external_org_id,
        date_day as valid_from,
        coalesce(
            {{ add_days('lead(date_day) over (partition by company_id, external_org_id order by date_day)', -1) }},
            {{ as_of_date() }}
        ) as valid_to,
        cast(
            sum(mrr_change) over (
                partition by company_id, external_org_id
                order by date_day
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as mrr
    from cut_changes

),

list_days as (

    select
        company_id,
        external_org_id,
        {{ day_rows('valid_from', 'valid_to') }} as date_day,
        mrr
    from add_amounts
    where mrr > 0

),

rank_organizations as (

    select
        company_id,
        external_org_id,
        date_day,
        mrr,
        -- The share of the company's paying organizations whose MRR is not above its own.
        cume_dist() over (
            partition by company_id, date_day
            order by mrr
        ) as mrr_rank
    from list_days

)

select * from rank_organizations
