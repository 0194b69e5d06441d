{{ config(materialized='ephemeral') }}
with

mrr_periods as (

    select * from {{ ref('int_constant_rate_mrr') }}
    where mrr > 0

),

list_spans as (

    -- The days on which an organization pays; of these, the days after which it soon loses or grows.
    select company_id, 'paying' as counted_as, valid_from, valid_to
    from mrr_periods
    {%- for counted_as, turn in [('losing', 'next_lower_on'), ('growing', 'next_higher_on')] %}

    union all

    select
        company_id,
        '{{ counted_as }}' as counted_as,
        greatest(valid_from, {{ add_days(turn, -var('backtest_days')) }}) as valid_from,
        valid_to
    from mrr_periods
    where {{ turn }} is not null
    {%- endfor %}

),

list_deltas as (

    select company_id, counted_as, valid_from as date_day, 1 as delta
    from list_spans

    union all

    select company_id, counted_as, {{ add_days('valid_to', 1) }} as date_day, -1 as delta
    from list_spans

),

sum_deltas as (

    select
        company_id,
        date_day,
        {%- for counted_as in ['paying', 'losing', 'growing'] %}
        sum(case when counted_as = '{{ counted_as }}' then delta else 0 end) as {{ counted_as }}{{ ',' if not loop.last }}
        {%- endfor %}
    from list_deltas
    group by company_id, date_day

),

count_organizations as (

    select
        company_id,
        date_day as valid_from,
        {{ add_days('lead(date_day) over (partition by company_id order by date_day)', -1) }} as valid_to,
        {%- for counted_as in ['paying', 'losing', 'growing'] %}
        cast(
            sum({{ counted_as }}) over (
                partition by company_id order by date_day rows between unbounded preceding and current row
            ) as bigint
        ) as {{ counted_as }}{{ ',' if not loop.last }}
        {%- endfor %}
    from sum_deltas

)

-- The last change is after D, when nobody is known to pay.
select * from count_organizations
where valid_to is not null
