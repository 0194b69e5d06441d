"""The rules of an event, each once: reason code and the condition under which a row breaks it.

Source: the table "Event dumps" of the input contract; docs/inputs.md repeats it for users.
Conditions are DuckDB SQL over the columns of ``ingestion.events.extraction`` and the columns
``received`` (timestamp: when the row was received, null where ``received_at`` is invalid) and
the columns of ``numbers_sql``.
"""

from ingestion.dumps.rules import MAX_AHEAD_DAYS
from ingestion.event_fields import EVENT_FIELDS, EventField, fields_of, sent_fields
from ingestion.reading.times import from_epoch_sql, iso_8601_sql

# A line with too many cells has fields all the same.
IS_MALFORMED = "malformed <> 'too_many_fields'"
REQUIRED = tuple(field.name for field in EVENT_FIELDS if field.is_required)

_SECONDS_PER_DAY = 86_400
_EXACT_IN_A_DOUBLE = 1 << 53


def event_rules() -> dict[str, str]:
    """Reason code to broken-when condition, sorted by code."""
    rules = {"too_many_fields": "malformed = 'too_many_fields'"}
    for field in sent_fields():
        rules |= _rules_of(field)
    return dict(sorted(rules.items()))


def _rules_of(field: EventField) -> dict[str, str]:
    name, is_wrong_type = field.name, f"{field.name}_is_wrong_type"
    match field.kind:
        case "whole_number":
            return _rules_of_number(field)
        case "time":
            return {f"{name}_invalid": "received is null"}
        case "json_object":
            return {
                f"{name}_not_an_object": is_wrong_type,
                f"{name}_too_large": f"strlen({name}) > {field.max_bytes}",
            }
    rules = {f"{name}_wrong_type": is_wrong_type}
    if field.is_required:
        rules[f"{name}_missing"] = f"{name} is null and not {is_wrong_type}"
    if field.max_characters:
        rules[f"{name}_too_long"] = f"length({name}) > {field.max_characters}"
    if length := field.exact_characters:
        rules[f"{name}_not_{length}_characters"] = f"length({name}) <> {length}"
    if field.starts_with:
        rules[f"{name}_not_absolute"] = f"not starts_with({name}, '{field.starts_with}')"
    return rules


def _rules_of_number(field: EventField) -> dict[str, str]:
    name, number = field.name, number_column(field)
    rules = {
        f"{name}_not_an_integer": (
            f"{name}_is_wrong_type or ({name} is not null and {number} is null)"
        )
    }
    if name != "ts_epoch":
        return rules | {f"{name}_out_of_range": f"abs({number}) > {_EXACT_IN_A_DOUBLE}"}
    ahead = f"epoch(received) + {MAX_AHEAD_DAYS * _SECONDS_PER_DAY}"
    return rules | {
        f"{name}_negative": f"{number} < 0",
        f"{name}_too_far_ahead": f"{number} > {ahead}",
    }


def number_column(field: EventField) -> str:
    """The name of the column that holds a whole-number field as a number."""
    return f"{field.name}_number"


def numbers_sql() -> str:
    """Columns with the whole-number fields as numbers, null where a text is no whole number.

    JSON writes 1.7e9 for 1700000000; the parser has spelled that out before.
    """
    return ", ".join(
        f"case when regexp_full_match({field.name}, '-?[0-9]+(\\.0+)?')"
        f" then try_cast({field.name} as double) end as {number_column(field)}"
        for field in fields_of("whole_number")
    )


def received_sql() -> str:
    """When the row was received: ``received_at``, or the file's modification time without it.

    ``within_receipts_sql`` says which of them can be meant.
    """
    from_seconds = from_epoch_sql("try_cast(received_at as double)")
    return f"""case
        when received_at is null and not received_at_is_wrong_type then modified_at
        when regexp_full_match(received_at, '[0-9]+(\\.[0-9]*)?') then {from_seconds}
        else {iso_8601_sql("received_at")} end"""
