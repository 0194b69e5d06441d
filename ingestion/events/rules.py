"""The rules of an event, each once: reason code and the condition under which a row breaks it.

Source: the table "Event dumps" of the input contract; docs/inputs.md repeats it for users.
Conditions are DuckDB SQL over the columns of ``ingestion.events.extraction`` and the columns
``received`` (timestamp: when the row was received, null where ``received_at`` is invalid) and
``epoch`` (double: ts_epoch as a number, null where it is none).
"""

from ingestion.events.extraction import TEXT_FIELDS

MAX_AHEAD_DAYS = 366
MAX_PROPERTIES_BYTES = 32_768
USER_HASH_CHARACTERS = 64
MAX_CHARACTERS = {
    "event": 255,
    "customer_org_id": 255,
    "path": 2048,
    "session_id": 255,
    "environment": 32,
    "plan": 255,
    "event_id": 255,
}
REQUIRED = ("event", "user_hash", "customer_org_id")

_SECONDS_PER_DAY = 86_400
_LAST_RECEIPT_EPOCH = 253_402_300_800  # year 10000
_ISO_8601 = (
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[Tt ](\d{2})(?::?(\d{2})(?::?(\d{2}(?:[.,]\d+)?))?)?"
    r"(?:[Zz]|([+-](?:[01]\d|2[0-3]))(?::?([0-5]\d))?)?)?"
)
_USUAL_TIME = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?"
_USUAL_OFFSET = r"[+-](?:[01]\d|2[0-3]):[0-5]\d"


def _missing(field: str) -> str:
    return f"{field} is null and not {field}_is_wrong_type"


def event_rules() -> dict[str, str]:
    """Reason code to broken-when condition, sorted by code."""
    rules = {f"{field}_missing": _missing(field) for field in REQUIRED}
    rules |= {f"{field}_too_long": f"length({field}) > {n}" for field, n in MAX_CHARACTERS.items()}
    rules |= {f"{field}_wrong_type": f"{field}_is_wrong_type" for field in TEXT_FIELDS}
    rules |= {
        "user_hash_not_64_characters": f"length(user_hash) <> {USER_HASH_CHARACTERS}",
        "path_not_absolute": "not starts_with(path, '/')",
        "ts_epoch_not_an_integer": (
            "ts_epoch_is_wrong_type or (ts_epoch is not null and epoch is null)"
        ),
        "ts_epoch_negative": "epoch < 0",
        "ts_epoch_too_far_ahead": (
            f"epoch > epoch(received) + {MAX_AHEAD_DAYS * _SECONDS_PER_DAY}"
        ),
        "received_at_invalid": "received is null",
        "properties_not_an_object": "properties_is_wrong_type",
        "properties_too_large": f"strlen(properties) > {MAX_PROPERTIES_BYTES}",
        "too_many_fields": "malformed = 'too_many_fields'",
    }
    return dict(sorted(rules.items()))


def reasons_sql() -> str:
    """Every broken rule's code, sorted, comma-joined; '' for a good row.

    A line without fields (malformed for any cause but its length in cells) breaks no other rule.
    """
    any_broken = " or ".join(
        f"coalesce({condition}, false)" for condition in event_rules().values()
    )
    codes = ", ".join(
        f"case when {condition} then '{code}' end" for code, condition in event_rules().items()
    )
    return f"""case when malformed <> 'too_many_fields' then malformed
        when {any_broken} then concat_ws(',', {codes}) else '' end"""


def is_good_sql(*more_rules: str) -> str:
    """Whether a row breaks no rule (``reasons`` is '') and none of ``more_rules``, for a filter.

    One expression: conditions on their own would each be pushed down into the parsing below, to
    parse every line again (three times the work of a load).
    """
    broken = " or ".join(f"({rule})" for rule in ("malformed is not null", *event_rules().values()))
    return f"""case when {" or ".join([broken, *more_rules])} then false else true end"""


def epoch_sql() -> str:
    """``ts_epoch`` as a number of whole seconds, null where the text is no whole number.

    JSON writes 1.7e9 for 1700000000; the parser has spelled that out before.
    """
    is_whole = "regexp_full_match(ts_epoch, '-?[0-9]+(\\.0+)?')"
    return f"case when {is_whole} then try_cast(ts_epoch as double) end"


def received_sql() -> str:
    """When the row was received: ``received_at``, or the file's modification time without it."""
    from_seconds = f"""case when try_cast(received_at as double) < {_LAST_RECEIPT_EPOCH}
        then make_timestamp(cast(round(try_cast(received_at as double) * 1000000) as bigint)) end"""
    part = f"regexp_extract(received_at, '{_ISO_8601}', %d)"
    plain = (
        f"{part % 1} || '-' || {part % 2} || '-' || {part % 3} || ' ' || "
        f"coalesce(nullif({part % 4}, ''), '00') || ':' || coalesce(nullif({part % 5}, ''), '00')"
        f" || ':' || coalesce(nullif(replace({part % 6}, ',', '.'), ''), '00') || "
        f"coalesce(nullif({part % 7}, ''), '+00') || ':' || coalesce(nullif({part % 8}, ''), '00')"
    )
    # The usual spellings, which DuckDB reads by itself, in a tenth of the time.
    is_utc = f"regexp_full_match(received_at, '{_USUAL_TIME}Z?')"
    has_offset = f"regexp_full_match(received_at, '{_USUAL_TIME}{_USUAL_OFFSET}')"
    return f"""case
        when received_at is null and not received_at_is_wrong_type then modified_at
        when {is_utc} then try_cast(received_at as timestamp)
        when {has_offset} then cast(try_cast(received_at as timestamptz) as timestamp)
        when regexp_full_match(received_at, '[0-9]+(\\.[0-9]*)?') then {from_seconds}
        when regexp_full_match(received_at, '{_ISO_8601}')
            then cast(try_cast({plain} as timestamptz) as timestamp)
        end"""
