with

candidates as (

    select * from {{ ref('int_signal_candidates') }}

),

find_first_scans as (

    select
        company_id,
        min(date_day) as first_scanned_on
    from candidates
    group by company_id

)

select * from find_first_scans
