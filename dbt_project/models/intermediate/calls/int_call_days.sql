{{ config(
    materialized='incremental',
    unique_key=['company_id', 'app_id', 'date_day', 'built_in'],
    pre_hook="{{ delete_replaced_calls() }}",
) }}
{% set key = ['company_id', 'app_id', 'date_day'] -%}
{% set columns = key + ['calls', 'digest'] -%}
-- Whatever load, withdrawal or clock brought, moved or took a call of a day, its digest is another one.
with

calls as (

    select * from {{ ref('stg_calls') }}

),

digest_days as (

    select
        company_id,
        app_id,
        cast(occurred_at as date) as date_day,
        count(*) as calls,
        bit_xor({{ hash_number(['call_id', 'content_hash', 'occurred_at']) }}) as digest
    from calls
    group by company_id, app_id, cast(occurred_at as date)

)
{%- if is_incremental() %},

{{ changed_rows('digest_days', key, columns) }}

select * from changed_rows
{%- else %}

select
    {{ columns | join(',\n    ') }},
    {{ build_number() }} as built_in,
    cast(null as bigint) as replaced_in
from digest_days
{%- endif %}
