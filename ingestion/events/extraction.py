"""From the three dump formats to one relation of fields: SQL that reads values, judges nothing.

Each function returns a DuckDB query with the columns of FILE_COLUMNS, ``line_number``,
``raw_text``, ``malformed`` (a reason code or null) and, for every field of FIELDS, its value as
text (null where absent) and ``<field>_is_wrong_type``. ``ingestion.events.rules`` judges them.
"""

import json
from collections.abc import Callable, Mapping

# What file a row is from, as the readers say it.
FILE_COLUMNS = "file_number, source_path, company_id, app_id, modified_at"

TEXT_FIELDS = (
    "event",
    "user_hash",
    "customer_org_id",
    "path",
    "session_id",
    "environment",
    "plan",
    "event_id",
)
LOOSE_FIELDS = ("ts_epoch", "received_at", "properties")  # one reason code for any wrong form
FIELDS = TEXT_FIELDS + LOOSE_FIELDS
EVENT_ID_NAMES = ("event_id", "message_id", "messageId")
KEYS = tuple(dict.fromkeys((*FIELDS, *EVENT_ID_NAMES)))

# DuckDB's JSON parser lets a comma before a closing bracket pass, and NaN and Infinity (any case).
_COMMA_LENIENCY = r",\s*[}\]]"
_NUMBER_LENIENCY = r"[\[:,]\s*-?(?i:nan|inf)"
# Every spelling holds one of these; looking for them costs half of the expression above.
_NUMBER_HINTS = ("nan", "Nan", "aN", "An", "AN", "inf", "Inf", "nF", "Nf", "NF")
_JSON_STRING = r'"(?:[^"\\]|\\.)*"'
_EMPTY_STRING = '""'
_TYPED_KEYS = tuple(dict.fromkeys((*TEXT_FIELDS, *EVENT_ID_NAMES)))
_JSON_SHAPE = json.dumps({key: "JSON" if key == "properties" else "VARCHAR" for key in KEYS})
_ABSENT = "cast(null as varchar)"


def from_json_lines(lines: str) -> str:
    """Fields of lines (columns line_number, line, is_too_long); a blank line is no row.

    Values are read as text in one pass, which is null where the line is no JSON. Text does not
    tell a string from a number or a list, so a line with a value that could be one is parsed once
    more for the types (``kinds``).
    """
    paths = ", ".join(f"'$.{name}'" for name in _TYPED_KEYS)
    suspicious = " or ".join(f"coalesce({_may_be_no_string(key)}, false)" for key in _TYPED_KEYS)
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
            select *, lenient is not null and {_is_strict_object("line")} as is_object from parsed
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

    def cell(name: str) -> str:
        return f"nullif(cells[{header[name]}], '')" if name in header else _ABSENT

    return f"""
        with sent_values as (
            select {FILE_COLUMNS}, line_number, raw_text,
                case when len(cells) > {width} then 'too_many_fields' end as malformed,
                {_values(cell)}
            from {records}
        )
        select {FILE_COLUMNS}, line_number, raw_text, malformed, {_columns(_text_field)}
        from sent_values"""


def from_table(rows: str, types: Mapping[str, str]) -> str:
    """Fields of a Parquet file's rows; ``types`` gives DuckDB's type of each known column."""
    id_names = [name for name in EVENT_ID_NAMES if name in types]
    kinds = {**types, "event_id": types[id_names[0]] if id_names else "VARCHAR"}

    def value(name: str) -> str:
        # Id columns of another type than the first one cannot stand in for it.
        is_usable = name in types and (
            name not in EVENT_ID_NAMES or types[name] == kinds["event_id"]
        )
        return f'"{name}"' if is_usable else _ABSENT

    known = ", ".join(f'"{name}" := "{name}"' for name in types)
    raw_text = f"cast(to_json(struct_pack({known})) as varchar)" if known else "''"
    return f"""
        with sent_values as (
            select {FILE_COLUMNS}, line_number, {raw_text} as raw_text,
                cast(null as varchar) as malformed,
                {_values(value)}
            from {rows}
        )
        select {FILE_COLUMNS}, line_number, raw_text, malformed,
            {_columns(lambda field: _typed_field(field, kinds.get(field, "VARCHAR")))}
        from sent_values"""


def _values(value: Callable[[str], str]) -> str:
    """One column per field; the sender's id is the first of its names that is present."""
    event_id = ", ".join(value(name) for name in EVENT_ID_NAMES)
    others = [f"{value(field)} as {field}" for field in FIELDS if field != "event_id"]
    return ", ".join([f"coalesce({event_id}) as event_id", *others])


def _columns(field: Callable[[str], str]) -> str:
    return ", ".join(field(name) for name in FIELDS)


def _as(name: str, text: str, is_wrong_type: str) -> str:
    return f"{text} as {name}, coalesce({is_wrong_type}, false) as {name}_is_wrong_type"


def _json_field(name: str) -> str:
    if name in ("ts_epoch", "received_at"):
        # A number and its text mean the same, and no other type can be read as either.
        return _as(name, name, "false")
    if name == "properties":
        is_object = "starts_with(properties, '{')"
        value = f"case when {is_object} then properties end"
        return _as(name, value, f"properties <> '{_EMPTY_STRING}' and not {is_object}")
    if name == "event_id":
        value = f"coalesce({', '.join(EVENT_ID_NAMES)})"
        cases = " ".join(f"when {key} is not null then {_kind(key)}" for key in EVENT_ID_NAMES)
        kind = f"case {cases} end"
    else:
        value, kind = name, _kind(name)
    is_wrong = f"{value} is not null and {kind} <> 'VARCHAR'"
    if name == "customer_org_id":
        is_number = f"{kind} in ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')"
        value = f"case when {is_number} then {_whole_number_text(name)} else {name} end"
        is_wrong = f"{is_wrong} and not {is_number}"
    return _as(name, f"case when coalesce({is_wrong}, false) then null else {value} end", is_wrong)


def _kind(key: str) -> str:
    return f"kinds[{_TYPED_KEYS.index(key) + 1}]"


def _may_be_no_string(key: str) -> str:
    """Whether a text could come from a number, a boolean, a list or an object."""
    if key == "path":
        return "not starts_with(path, '/')"
    if key == "user_hash":
        return "strlen(user_hash) <> 64 or regexp_matches(user_hash, '^[0-9]+$|^[{\\[]')"
    if key == "customer_org_id":  # 42 needs no second look, 42.0 does
        return f"regexp_full_match({key}, '-?[0-9]+[.eE].*|true|false|[{{\\[].*')"
    number = "-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?"
    return f"regexp_full_match({key}, '{number}|true|false|[{{\\[].*')"


def _text_field(name: str) -> str:
    """The field from text that has no types: a CSV cell, a Parquet string."""
    if name != "properties":
        return _as(name, f"nullif({name}, '')", "false")
    is_object = _is_json_object(name)
    compact = f"cast(json_extract({name}, '$') as varchar)"
    return _as(
        name, f"case when {is_object} then {compact} end", f"{name} <> '' and not {is_object}"
    )


def _typed_field(name: str, kind: str) -> str:
    """The field from a Parquet column of DuckDB's type ``kind``."""
    is_number = kind.endswith(("INT", "INTEGER")) or kind.startswith(("DECIMAL", "FLOAT", "DOUBLE"))
    text = f"cast({name} as varchar)"
    if kind == "VARCHAR":
        return _text_field(name)
    if name == "customer_org_id" and is_number:
        return _as(name, _whole_number_text(text), "false")
    if name == "ts_epoch" and is_number:
        return _as(name, text, "false")
    if name == "received_at" and is_number:
        return _as(name, text, "false")
    if name == "received_at" and kind.startswith(("TIMESTAMP", "DATE")):
        # The spelling that is read fastest; a time that is out of range has none.
        plain = f"cast(try_cast({name} as timestamp) as varchar) || 'Z'"
        return _as(name, f"coalesce({plain}, {text})", "false")
    if name == "properties" and kind.startswith(("STRUCT", "MAP")):
        json_text = f"case when {name} is not null then cast(to_json({name}) as varchar) end"
        return _as(name, json_text, "false")
    return _as(name, _ABSENT, f"{name} is not null")


def _is_json_object(text: str) -> str:
    return f"(json_valid({text}) and {_is_strict_object(text)})"


def _is_strict_object(text: str) -> str:
    """Whether a text that DuckDB reads as JSON is an object, and JSON to everybody else."""
    # Text inside strings may look like a leniency, so the few suspects are looked at without it.
    bare = f"regexp_replace({text}, '{_JSON_STRING}', '\"\"', 'g')"
    hints = " or ".join(f"contains({text}, '{hint}')" for hint in _NUMBER_HINTS)
    return f"""(regexp_matches({text}, '^\\s*\\{{')
        and case when regexp_matches({text}, '{_COMMA_LENIENCY}')
            then not regexp_matches({bare}, '{_COMMA_LENIENCY}') else true end
        and case when {hints}
            then not regexp_matches({bare}, '{_NUMBER_LENIENCY}') else true end)"""


def _whole_number_text(number: str) -> str:
    """42 and 42.0 are both '42'; a number too long for a double keeps its digits."""
    value = f"try_cast({number} as double)"
    return f"""case when regexp_full_match({number}, '-?[0-9]+') then {number}
        when abs({value}) < 1e15 and floor({value}) = {value}
            then cast(cast({value} as bigint) as varchar)
        else {number} end"""
