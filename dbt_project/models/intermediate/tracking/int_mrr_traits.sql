{{ config(tags=['calls']) }}
-- What applications say that a group pays, in the reporting currency at the rates of D. It enters no table of revenue.
with

traits as (

    select * from {{ ref('int_trait_versions') }}
    where entity = 'group' and holds_until = {{ end_of_time() }} and value is not null

),

companies as (

    select * from {{ ref('stg_companies') }}

),

rates as (

    -- The last ones on or before D; before the first rates, the first.
    select
        currency,
        cast({{ first_by('units_per_eur', record({
            'is_later': 'case when rate_date <= ' ~ as_of_date() ~ ' then 0 else 1 end',
            'distance': 'abs(' ~ dbt.datediff('rate_date', as_of_date(), 'day') ~ ')',
        })) }} as decimal(18, 8)) as units
    from {{ ref('stg_exchange_rates') }}
    group by currency

    union all

    select 'EUR' as currency, cast(1 as decimal(18, 8)) as units

),

read_amounts as (

    select
        amounts.company_id,
        amounts.entity_id as group_id,
        amounts.valid_from,
        companies.reporting_currency,
        coalesce(currencies.value, companies.reporting_currency) as currency,
        cast(amounts.value as decimal(18, 4)) * case when applications.mrr_unit = 'minor' then 0.01 else 1 end as amount
    from traits as amounts
    inner join companies on amounts.company_id = companies.company_id
    inner join {{ ref('applications') }} as applications
        on amounts.company_id = applications.company_id and amounts.app_id = applications.app_id
    left join traits as currencies
        on currencies.trait = 'currency'
        and amounts.company_id = currencies.company_id and amounts.entity_id = currencies.entity_id
    where amounts.trait = 'mrr' and {{ regexp_matches('amounts.json', "'^[0-9]{1,14}([.][0-9]*)?$'") }}

),

convert_amounts as (

    select
        read_amounts.company_id,
        read_amounts.group_id,
        read_amounts.valid_from,
        case
            when read_amounts.currency = read_amounts.reporting_currency then cast(read_amounts.amount as decimal(18, 2))
            else {{ convert_amount('cast(read_amounts.amount as decimal(18, 2))', 'own.units', 'reporting.units') }}
        end as mrr
    from read_amounts
    left join rates as own on read_amounts.currency = own.currency
    left join rates as reporting on read_amounts.reporting_currency = reporting.currency

)

select * from convert_amounts
where mrr is not null
