"""From the three dump formats to one relation of fields: SQL that reads values, validates nothing.

Each function returns a DuckDB query with the columns of FILE_COLUMNS, ``line_number``,
``raw_text``, ``malformed`` (a reason code or null) and, for every field of an event, its value as
text (null where absent) and ``<field>_is_wrong_type``. ``ingestion.events.rules`` validates them.
"""

import json
from collections.abc import Callable, Mapping
from typing import Literal

from ingestion.dumps.rows import FILE_COLUMNS
from ingestion.event_fields import EventField, fields_of, sent_fields
from ingestion.reading.json_text import is_strict_object_sql, whole_number_text_sql

# What a Parquet column holds, as far as it matters here; "other" is no value of any field.
ColumnKind = Literal["text", "number", "time", "object", "other"]

KEYS = tuple(dict.fromkeys(key for field in sent_fields() for key in field.keys))

_EMPTY_STRING = '""'
_TYPED_KEYS = tuple(key for field in fields_of("text") for key in field.keys)
_JSON_SHAPE = json.dumps(
    {
        key: "JSON" if field.kind == "json_object" else "VARCHAR"
        for field in sent_fields()
        for key in field.keys
    }
)
# Columns of numbers hold these besides numbers; JSON has no spelling for them.
_NO_NUMBERS = "('nan', '-nan', 'inf', '-inf')"
_ABSENT = "cast(null as varchar)"


def from_json_lines(lines: str) -> str:
    """Fields of lines (columns line_number, line, is_too_long); a blank line is no row.

    Values are read as text in one pass, which is null where the line is no JSON. Text does not
    tell a string from a number or a list, so a line with a value that could be one is parsed once
    more for the types (``kinds``).
    """
    paths = ", ".join(f"'$.{name}'" for name in _TYPED_KEYS)
    suspicious = " or ".join(
        f"coalesce({_may_be_no_string(field, key)}, false)"
        for field in fields_of("text")
        for key in field.keys
    )
    return f"""
        with parsed as (
            select
                {FILE_COLUMNS},
                line_number,
                line,
                is_too_long,
                try(json_transform(case when not is_too_long then line end, '{_JSON_SHAPE}'))
                    as lenient
            from {lines} where is_too_long or not regexp_full_match(line, '\\s*')
        ),
        checked as (
            select *, lenient is not null and {is_strict_object_sql("line")} as is_object
            from parsed
        ),
        strict as (
            select * exclude (lenient), case when is_object then lenient end as sent from checked
        ),
        sent_texts as (
            select
                {FILE_COLUMNS},
                line_number,
                line,
                case when is_too_long then 'line_too_long'
                    when not is_object then 'not_a_json_object' end as malformed,
                {", ".join(f"nullif(cast(sent.{key} as varchar), '') as {key}" for key in KEYS)}
            from strict
        ),
        typed as (
            select *, case when {suspicious} then json_type(line, [{paths}]) end as kinds
            from sent_texts
        )
        select {FILE_COLUMNS}, line_number, line as raw_text, malformed, {_columns(_json_field)}
        from typed"""


def from_csv_records(records: str, header: Mapping[str, int], width: int) -> str:
    """Fields of CSV records (line_number, raw_text, cells).

    ``header`` gives the number of each known column from 1, ``width`` how many columns there are.
    """

    def cell(key: str) -> str:
        return f"nullif(cells[{header[key]}], '')" if key in header else _ABSENT

    def value(field: EventField) -> str:
        return f"coalesce({', '.join(map(cell, field.keys))}) as {field.name}"

    return f"""
        with sent_values as (
            select {FILE_COLUMNS}, line_number, raw_text,
                case when len(cells) > {width} then 'too_many_fields' end as malformed,
                {", ".join(map(value, sent_fields()))}
            from {records}
        )
        select {FILE_COLUMNS}, line_number, raw_text, malformed, {_columns(_text_field)}
        from sent_values"""


def from_table(rows: str, kinds: Mapping[str, ColumnKind]) -> str:
    """Fields of a Parquet file's rows; ``kinds`` says what each known column holds."""
    known = ", ".join(f'"{name}" := "{name}"' for name in kinds)
    raw_text = f"cast(to_json(struct_pack({known})) as varchar)" if known else "''"
    return f"""
        select {FILE_COLUMNS}, line_number, {raw_text} as raw_text,
            cast(null as varchar) as malformed,
            {_columns(lambda field: _table_field(field, kinds))}
        from {rows}"""


def _columns(column: Callable[[EventField], str]) -> str:
    return ", ".join(map(column, sent_fields()))


def _as(name: str, text: str, is_wrong_type: str) -> str:
    return f"{text} as {name}, coalesce({is_wrong_type}, false) as {name}_is_wrong_type"


def _json_field(field: EventField) -> str:
    name = field.name
    if field.kind in ("whole_number", "time"):
        # A number and its text mean the same, and no other type can be read as either.
        return _as(name, name, "false")
    if field.kind == "json_object":
        is_object = f"starts_with({name}, '{{')"
        value = f"case when {is_object} then {name} end"
        return _as(name, value, f"{name} <> '{_EMPTY_STRING}' and not {is_object}")
    value = f"coalesce({', '.join(field.keys)})"
    cases = " ".join(f"when {key} is not null then {_kind(key)}" for key in field.keys)
    kind = f"case {cases} end"
    is_wrong = f"{value} is not null and {kind} <> 'VARCHAR'"
    if field.accepts_numbers:
        is_number = f"{kind} in ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')"
        is_wrong = f"{is_wrong} and not {is_number}"
        value = f"case when {is_number} then {whole_number_text_sql(value)} else {value} end"
    return _as(name, f"case when coalesce({is_wrong}, false) then null else {value} end", is_wrong)


def _kind(key: str) -> str:
    return f"kinds[{_TYPED_KEYS.index(key) + 1}]"


def _may_be_no_string(field: EventField, key: str) -> str:
    """Whether a text could come from a number, a boolean, a list or an object."""
    if field.starts_with:
        return f"not starts_with({key}, '{field.starts_with}')"
    if field.exact_characters:
        length = field.exact_characters
        return f"strlen({key}) <> {length} or regexp_matches({key}, '^[0-9]+$|^[{{\\[]')"
    if field.accepts_numbers:  # 42 needs no second look, 42.0 does
        return f"regexp_full_match({key}, '-?[0-9]+[.eE].*|true|false|[{{\\[].*')"
    number = "-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?"
    return f"regexp_full_match({key}, '{number}|true|false|[{{\\[].*')"


def _text_field(field: EventField) -> str:
    """The field from text that has no types: a CSV cell, a Parquet string."""
    return _as(field.name, *_of_text(field, field.name))


def _of_text(field: EventField, text: str) -> tuple[str, str]:
    """The value of a text, and whether it has a wrong type."""
    if field.kind != "json_object":
        return f"nullif({text}, '')", "false"
    is_object = _is_json_object(text)
    compact = f"cast(json_extract({text}, '$') as varchar)"
    return f"case when {is_object} then {compact} end", f"{text} <> '' and not {is_object}"


def _table_field(field: EventField, kinds: Mapping[str, ColumnKind]) -> str:
    """The field from the first of its Parquet columns that has a value in the row."""
    values, wrongs = [], []
    for key in (key for key in field.keys if key in kinds):
        column = f'"{key}"'
        is_there = f"{column} <> ''" if kinds[key] == "text" else f"{column} is not null"
        value, is_wrong = _of_column(field, column, kinds[key])
        values.append(f"when {is_there} then {value}")
        wrongs.append(f"when {is_there} then {is_wrong}")
    if not values:
        return _as(field.name, _ABSENT, "false")
    return _as(field.name, f"case {' '.join(values)} end", f"case {' '.join(wrongs)} end")


def _of_column(field: EventField, column: str, kind: ColumnKind) -> tuple[str, str]:
    """The value of a Parquet column's cell that is not empty, and whether it has a wrong type."""
    text = f"cast({column} as varchar)"
    match field.kind, kind:
        case _, "text":
            return _of_text(field, column)
        case "text", "number" if field.accepts_numbers:
            is_wrong = f"{text} in {_NO_NUMBERS}"
            return f"case when not {is_wrong} then {whole_number_text_sql(text)} end", is_wrong
        case "whole_number" | "time", "number":
            return _spelled_out(column), "false"
        case "time", "time":
            return f"{text} || 'Z'", "false"  # the spelling that is read fastest
        case "json_object", "object":
            sent = f"cast(to_json({column}) as varchar)"
            is_object = is_strict_object_sql(sent)
            return f"case when {is_object} then {sent} end", f"not {is_object}"
    return _ABSENT, "true"


def _spelled_out(number: str) -> str:
    """A number's text; a whole one without an exponent, as the JSON parser writes it."""
    value = f"try_cast({number} as double)"
    return f"""case when abs({value}) between 1e15 and 1e37 and floor({value}) = {value}
        then cast(try_cast({number} as hugeint) as varchar)
        else cast({number} as varchar) end"""


def _is_json_object(text: str) -> str:
    return f"(json_valid({text}) and {is_strict_object_sql(text)})"
