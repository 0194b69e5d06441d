with

rates as (

    select * from {{ ref('exchange_rates') }}

),

leave_out_euro as (

    select
        rate_date,
        upper(currency) as currency,
        units_per_eur
    from rates
    -- The euro is 1 by definition; a row for it would be a mistake.
    where upper(currency) <> 'EUR'

)

select * from leave_out_euro
