"""What makes two rows one event: content, occurrence, the sender's id, and the earliest receipt.

Source: "Event identity and duplicates" of the input contract; docs/inputs.md explains it to users.
A derived id is the content's hash, with ``-n`` for its n-th occurrence in a file (n > 1).
"""

from collections.abc import Callable

import duckdb

from ingestion.event_fields import EVENT_FIELDS, EventField

# Without a time and an id of its own, a row is distinguished by when it was received.
_RECEIPT = """case when ts_epoch is null and sender_id is null
        then cast(epoch_us(sent_received_at) as varchar) end"""
_ALWAYS = tuple(field for field in EVENT_FIELDS if field.hashed == "always")
_IF_PRESENT = tuple(field for field in EVENT_FIELDS if field.hashed == "if_present")
DERIVED_ID = "[0-9a-f]{32}(-[0-9]+)?"
DERIVED_ID_BYTES = 32  # at least
_FREE_TEXT = [field.name for field in (*_ALWAYS, *_IF_PRESENT) if field.kind == "text"]


def content_hash_sql() -> str:
    """SQL: hash of the content of a row of ``parsed_events``' columns, and ``sent_received_at``.

    Values are joined by a unit separator (31), doubled in the rare value that has one in it; an
    absent value is written as an empty one, which no field may be.
    """
    has_separator = " or ".join(
        f"coalesce(contains({name}, chr(31)), false)" for name in _FREE_TEXT
    )
    plain, doubled = _content(lambda value: value), _content(_with_doubled_separators)
    return f"""md5(case when {has_separator} then 'doubled' || concat_ws(chr(31) || '|', {doubled})
        else concat_ws(chr(31), {plain}) end)"""


def _content(written: Callable[[str], str]) -> str:
    """The values to join; later fields by name, and only where they are there."""
    always = ("company_id", "app_id", *map(_as_text, _ALWAYS), _RECEIPT)
    values = [f"coalesce({written(value)}, '')" for value in always]
    values += [f"'{field.name}=' || {written(_as_text(field))}" for field in _IF_PRESENT]
    return ", ".join(values)


def _as_text(field: EventField) -> str:
    return f"cast({field.name} as varchar)" if field.kind == "whole_number" else field.name


def _with_doubled_separators(value: str) -> str:
    return f"replace({value}, chr(31), chr(31) || chr(31))"


# Contents that come once in a load, the rule, are never sorted or joined: only the repeated are.
_REPEATED_ROWS = """
    create table repeated_rows as
    with repeated as (
        select content_hash from parsed_events where reasons = ''
        group by content_hash having count(*) > 1
    ),
    occurrences as (
        select *, row_number() over (
            partition by file_number, content_hash, sender_id is null
            order by is_written, line_number
        ) as occurrence
        from parsed_events
        where reasons = '' and content_hash in (select content_hash from repeated)
    ),
    identified as (
        select
            *,
            case when sender_id is not null then sender_id when occurrence = 1 then content_hash
                else content_hash || '-' || occurrence end as event_id
        from occurrences
    )
    select
        file_number, line_number, event_id,
        row_number() over (
            partition by company_id, app_id, event_id, content_hash
            order by received_at, file_number, line_number
        ) as place
    from identified"""

_LOAD_EVENTS = """
    create view load_events as
    select parsed_events.*,
        coalesce(repeated_rows.event_id, sender_id, content_hash) as event_id
    from parsed_events
    left join repeated_rows using (file_number, line_number)
    where reasons = '' and coalesce(place, 1) = 1"""

_STORED_EVENTS = """
    create table stored_events as
    select
        load_events.file_number, load_events.line_number, load_events.company_id,
        load_events.app_id, load_events.event_id, load_events.content_hash,
        load_events.received_at, load_events.is_written,
        bool_or(stored.content_hash = load_events.content_hash) as is_same,
        min(stored.received_at) filter (stored.content_hash = load_events.content_hash)
            as stored_received_at
    from load_events
    inner join {raw}.events as stored using (event_id, company_id, app_id)
    group by all"""

_NO_STORED_EVENTS = """
    create table stored_events as
    select file_number, line_number, company_id, app_id, event_id, content_hash, received_at,
        is_written, true as is_same, received_at as stored_received_at
    from load_events where false"""

_NEW_EVENTS = """
    create view new_events as
    select * from load_events
    where is_written and (file_number, line_number) not in (
        select (file_number, line_number) from stored_events where is_same)"""

_RECEIPTS = """
    create view earlier_receipts as
    select * from stored_events
    where is_written and is_same and received_at < stored_received_at"""

# A sender may use as an id what would be derived for another row of its own.
_COLLISIONS = """
    create view id_collisions as
    with repeated_ids as (
        select sender_id from load_events where sender_id is not null
        group by sender_id having count(*) > 1
        union
        select sender_id from load_events
        where regexp_full_match(sender_id, '{derived_id}')
    )
    select company_id, app_id, event_id from stored_events where is_written and not is_same
    union
    select company_id, app_id, event_id from load_events
    where event_id in (select sender_id from repeated_ids)
    group by all having count(*) > 1 and bool_or(is_written)"""


def resolve(connection: duckdb.DuckDBPyConnection, raw: str | None) -> None:
    """Sort the good rows of ``parsed_events`` into events, duplicates and earlier receipts.

    Rows that are not to be written were before: they come first among equal ones.

    ``raw`` is the qualified schema of what was loaded before, None before the first load. Makes
    the views ``new_events``, ``earlier_receipts`` and ``id_collisions``.
    """
    stored = _NO_STORED_EVENTS if raw is None else _STORED_EVENTS
    for step in (_REPEATED_ROWS, _LOAD_EVENTS, stored, _NEW_EVENTS, _RECEIPTS, _COLLISIONS):
        connection.execute(step.format(raw=raw, derived_id=DERIVED_ID))
