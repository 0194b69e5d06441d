"""What makes two rows one: content, occurrence, the sender's id, and the earliest receipt.

Source: "Event identity and duplicates" of the input contract; docs/inputs.md explains it to users.
A derived id is the content's hash, with ``-n`` for its n-th occurrence in a file (n > 1).
"""

import duckdb

from ingestion.dumps.kind import DumpKind

DERIVED_ID = "[0-9a-f]{32}(-[0-9]+)?"
_DERIVED_ID_BYTES = 32  # at least

# Contents that come once in a load, the rule, are never sorted or joined: only the repeated are.
_REPEATED_ROWS = """
    create table repeated_{many} as
    with repeated as (
        select content_hash from parsed_{many} where reasons = ''
        group by content_hash having count(*) > 1
    ),
    occurrences as (
        select *, row_number() over (
            partition by file_number, content_hash, sender_id is null
            order by is_written, {place}
        ) as occurrence
        from parsed_{many}
        where reasons = '' and content_hash in (select content_hash from repeated)
    ),
    identified as (
        select
            *,
            case when sender_id is not null then sender_id when occurrence = 1 then content_hash
                else content_hash || '-' || occurrence end as {one}_id
        from occurrences
    )
    select
        file_number, {place}, {one}_id,
        row_number() over (
            partition by company_id, app_id, {one}_id, content_hash
            order by received_at, file_number, {place}
        ) as place
    from identified"""

_LOAD_ROWS = """
    create view load_{many} as
    select parsed_{many}.*,
        coalesce(repeated_{many}.{one}_id, sender_id, content_hash) as {one}_id
    from parsed_{many}
    left join repeated_{many} using (file_number, {place})
    where reasons = '' and coalesce(place, 1) = 1"""

_STORED_ROWS = """
    create table stored_{many} as
    select
        file_number, {new_place}, company_id, app_id, {one}_id,
        new.content_hash, new.received_at, new.is_written,
        bool_or(stored.content_hash = new.content_hash) as is_same,
        min(stored.received_at) filter (stored.content_hash = new.content_hash)
            as stored_received_at
    from load_{many} as new
    inner join {raw}.{many} as stored using ({one}_id, company_id, app_id)
    group by all"""

_NO_STORED_ROWS = """
    create table stored_{many} as
    select file_number, {place}, company_id, app_id, {one}_id, content_hash, received_at,
        is_written, true as is_same, received_at as stored_received_at
    from load_{many} where false"""

_NEW_ROWS = """
    create view new_{many} as
    select * from load_{many}
    where is_written and (file_number, {place}) not in (
        select (file_number, {place}) from stored_{many} where is_same)"""

_RECEIPTS = """
    create view earlier_{one}_receipts as
    select * from stored_{many}
    where is_written and is_same and received_at < stored_received_at"""

# A sender may use as an id what would be derived for another row of its own.
_COLLISIONS = """
    create view {one}_id_collisions as
    with repeated_ids as (
        select sender_id from load_{many} where sender_id is not null
        group by sender_id having count(*) > 1
        union
        select sender_id from load_{many}
        where regexp_full_match(sender_id, '{derived_id}')
    )
    select company_id, app_id, {one}_id from stored_{many} where is_written and not is_same
    union
    select company_id, app_id, {one}_id from load_{many}
    where {one}_id in (select sender_id from repeated_ids)
    group by all having count(*) > 1 and bool_or(is_written)"""


def may_be_derived_sql(sent_id: str) -> str:
    """SQL: whether an id of the sender's could be one that is derived for another row."""
    return f"""case when strlen({sent_id}) >= {_DERIVED_ID_BYTES}
        then regexp_full_match({sent_id}, '{DERIVED_ID}') else false end"""


def resolve(connection: duckdb.DuckDBPyConnection, kind: DumpKind, raw: str | None) -> None:
    """Sort the good parsed rows into events or calls, duplicates and earlier receipts.

    Rows that are not to be written were before: they come first among equal ones.

    ``raw`` is the qualified schema of what was loaded before, None before the first load. Makes
    the views ``new_events``, ``earlier_event_receipts`` and ``event_id_collisions``, or the same
    for calls.
    """
    stored = _NO_STORED_ROWS if raw is None else _STORED_ROWS
    new_place = ", ".join(f"new.{name}" for name in kind.place)
    for step in (_REPEATED_ROWS, _LOAD_ROWS, stored, _NEW_ROWS, _RECEIPTS, _COLLISIONS):
        connection.execute(kind.sql(step, raw=raw, derived_id=DERIVED_ID, new_place=new_place))
