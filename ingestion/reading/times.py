"""Times as people send them: SQL over texts."""

_ISO_8601 = (
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[Tt ](\d{2})(?::?(\d{2})(?::?(\d{2}(?:[.,]\d+)?))?)?"
    r"(?:[Zz]|([+-](?:[01]\d|2[0-3]))(?::?([0-5]\d))?)?)?"
)
_LAST_SECOND = 253_402_300_800  # year 10000
_USUAL_TIME = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?"
_USUAL_OFFSET = r"[+-](?:[01]\d|2[0-3]):[0-5]\d"


def iso_8601_sql(text: str) -> str:
    """DuckDB SQL: the UTC timestamp of a date or time in ISO 8601, null of any other text.

    Without a zone it is UTC.
    """
    part = f"regexp_extract({text}, '{_ISO_8601}', %d)"
    plain = (
        f"{part % 1} || '-' || {part % 2} || '-' || {part % 3} || ' ' || "
        f"coalesce(nullif({part % 4}, ''), '00') || ':' || coalesce(nullif({part % 5}, ''), '00')"
        f" || ':' || coalesce(nullif(replace({part % 6}, ',', '.'), ''), '00') || "
        f"coalesce(nullif({part % 7}, ''), '+00') || ':' || coalesce(nullif({part % 8}, ''), '00')"
    )
    # The usual spellings, which DuckDB reads by itself, in a tenth of the time.
    is_utc = f"regexp_full_match({text}, '{_USUAL_TIME}Z?')"
    has_offset = f"regexp_full_match({text}, '{_USUAL_TIME}{_USUAL_OFFSET}')"
    return f"""case
        when {is_utc} then try_cast({text} as timestamp)
        when {has_offset} then cast(try_cast({text} as timestamptz) as timestamp)
        when regexp_full_match({text}, '{_ISO_8601}')
            then cast(try_cast({plain} as timestamptz) as timestamp)
        end"""


def from_epoch_sql(seconds: str) -> str:
    """DuckDB SQL: the UTC timestamp of Unix seconds (double), null from the year 10000 on."""
    return f"""case when {seconds} < {_LAST_SECOND}
        then make_timestamp(cast(round({seconds} * 1000000) as bigint)) end"""
