with

companies as (

    select * from {{ ref('stg_companies') }}

),

ranked_organizations as (

    select * from {{ ref('int_paying_organizations') }}

),

measure_organizations as (

    select
        *,
        -- Squares of whole cents: a sum of squared floats depends on the order in which they are added.
        {{ whole_number('mrr', 2) }} as mrr_cents,
        {{ whole_number('company_mrr', 2) }} as company_mrr_cents,
        greatest(floor(paying_orgs / 10.0), 1) as top_decile_orgs
    from ranked_organizations

),

measure_companies as (

    select
        company_id,
        {%- for top in [1, 5, 10] %}
        {{ ratio('sum(case when revenue_rank <= ' ~ top ~ ' then mrr end)', 'max(company_mrr)') }}
            as top_{{ top }}_share,
        {%- endfor %}
        {{ ratio('sum(case when revenue_rank <= top_decile_orgs then mrr end)', 'max(company_mrr)') }}
            as top_decile_share,
        -- Compared as whole cents times whole numbers, so that exactly half is half.
        min(case when cumulative_mrr * 2 >= company_mrr then revenue_rank end) as orgs_for_half,
        min(case when cumulative_mrr * 5 >= company_mrr * 4 then revenue_rank end) as orgs_for_80_pct,
        {{ ratio('sum(mrr_cents * mrr_cents)', 'max(company_mrr_cents * company_mrr_cents)') }}
            as herfindahl
    from measure_organizations
    group by company_id

)

select
    companies.company_id,
    measure_companies.top_1_share,
    measure_companies.top_5_share,
    measure_companies.top_10_share,
    measure_companies.top_decile_share,
    measure_companies.orgs_for_half,
    measure_companies.orgs_for_80_pct,
    measure_companies.herfindahl,
    {{ as_of_date() }} as as_of_date
from companies
left join measure_companies on companies.company_id = measure_companies.company_id
