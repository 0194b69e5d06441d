with

rejected_files as (

    {{ registered_rows('rejected_files') }}

),

keep_newest as (

    select
        *,
        row_number() over (
            partition by path, checksum, reason
            order by load_id desc
        ) as rejection_age
    from rejected_files

)

select
    company_id,
    {{ dbt.hash(dbt.concat(["path", "'|'", "coalesce(checksum, '')", "'|'", "reason"])) }} as rejection_id,
    path,
    checksum,
    reason,
    detail,
    bytes,
    modified_at,
    load_id,
    rejected_at
from keep_newest
where rejection_age = 1
