"""What two events have to agree in to be one: the hash of an event's content.

Source: "Event identity and duplicates" of the input contract.
"""

from collections.abc import Callable

from ingestion.event_fields import EVENT_FIELDS, EventField

# Without a time and an id of its own, a row is identified by when it was received.
_RECEIPT = """case when ts_epoch is null and sender_id is null
        then cast(epoch_us(sent_received_at) as varchar) end"""
_ALWAYS = tuple(field for field in EVENT_FIELDS if field.hashed == "always")
_IF_PRESENT = tuple(field for field in EVENT_FIELDS if field.hashed == "if_present")
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
    """The values to join; fields added later by name, and only where they are there."""
    always = ("company_id", "app_id", *map(_as_text, _ALWAYS), _RECEIPT)
    values = [f"coalesce({written(value)}, '')" for value in always]
    values += [f"'{field.name}=' || {written(_as_text(field))}" for field in _IF_PRESENT]
    return ", ".join(values)


def _as_text(field: EventField) -> str:
    return f"cast({field.name} as varchar)" if field.kind == "whole_number" else field.name


def _with_doubled_separators(value: str) -> str:
    return f"replace({value}, chr(31), chr(31) || chr(31))"
