"""Personal data on calls, replaced by its hash: macros that follow an application's settings.

Source: "Personal data" of the contract. ``protected`` objects are looked through at any depth, by a
statement of its own (``protect``): to plan it takes longer than to read 10,000 calls, and of most
chunks no object may hold personal data.
"""

from collections.abc import Iterable, Iterator

import duckdb

from ingestion.calls.settings import CallSettings
from ingestion.reading.text import MASK
from ingestion.sql import only_row

# Pages and accounts have names, too: alone, `name` says nothing of a person but on the person.
_NAME = "name"
# An object in objects in objects: what lies deeper is replaced whole, if anything in it could be.
_DEPTH = 4
_NEVER = "-"  # no name key has a hyphen
_BETWEEN = '[^a-z0-9"\\\\]*'  # words of a name, however they are parted
_EMAIL = "[^@\\s]+@[^@\\s]+[.][^@\\s]+"
_EMAIL_IN_TEXT = '[^\\s"<>,;:()@\\\\]+@[^\\s"<>,;:()@\\\\]+'


def personal_functions(settings: CallSettings) -> Iterator[str]:
    """The macros, without ``create macro``. Where personal data may be kept they change nothing."""
    if not settings.is_hashed:
        yield "may_be_personal(v) as false"
        yield "protected_properties(v) as v"
        yield "protected_trait(name, field, v, is_user) as v"
        yield "protected_object(v, is_user) as v"
        yield "is_group_id(name) as false"
        yield "protected_text(t) as t"
        yield "protected_path(t) as t"
        yield "masked(t) as t"
        return
    deep = [name for name in settings.personal if name != _NAME]
    ids = _any_of(settings.group_ids)
    yield f"is_email(t) as contains(t, '@') and regexp_full_match(trim(t), '{_EMAIL}')"
    yield (
        "hashed_text(t) as case when strlen(t) = 64 and regexp_full_match(t, '[0-9a-fA-F]+') then t"
        " else 'sha256:' || sha256(lower(trim(t))) end"
    )
    yield (
        "hashed(v) as case when v = 'null' then v"
        " else cast(to_json(hashed_text(plain(v))) as varchar) end"
    )
    yield f"may_be_personal(v) as contains(v, '@') or regexp_matches(v, '{_hint(deep)}')"
    yield "protected_0(v, names) as case when may_be_personal(v) then hashed(v) else v end"
    for level in range(1, _DEPTH + 1):
        yield _protected(level, ids)
    yield (
        "protected(v, names) as case when may_be_personal(v)"
        f" then protected_{_DEPTH}(v, names) else v end"
    )
    ends = f"(.*_)?({_alternatives(deep)})"
    yield f"protected_properties(v) as protected(v, '{ends}')"
    yield f"is_group_id(name) as name in ({ids})"
    yield (
        f"protected_trait(name, field, v, is_user) as case when is_group_id(name) then v"
        f" when is_user and (name in ({_any_of(settings.personal)}) or field in ({_any_of(deep)}))"
        " or starts_with(v, '\"') and is_email(v ->> '$') then hashed(v) else v end"
    )
    yield (
        "protected_object(v, is_user) as case"
        f" when is_user then protected(v, '{_alternatives(deep)}')"
        f" when contains(v, '@') then protected(v, '{_NEVER}') else v end"
    )
    yield "protected_text(t) as case when is_email(t) then hashed_text(t) else t end"
    yield (
        "protected_path(t) as case when contains(t, '@') then array_to_string(list_transform("
        "string_split(t, '/'), lambda part: protected_text(part)), '/') else t end"
    )
    yield f"masked(t) as {_masked_sql(settings.personal)}"


def protect(
    database: duckdb.DuckDBPyConnection, table: str, column: str, protected: str, condition: str
) -> None:
    """Replace the values of a column where ``condition`` holds, if it holds anywhere."""
    condition = f"may_be_personal({column}) and {condition}"
    if only_row(database.execute(f"select count(*) from {table} where {condition}"))[0]:
        database.execute(f"update {table} set {column} = {protected} where {condition}")


def _protected(level: int, ids: str) -> str:
    """A value, an object's or a list's values one level down; the keys of a list's are null."""
    e, inner = f"e{level}", f"protected_{level - 1}"
    return f"""protected_{level}(v, names) as case
        when starts_with(v, '"') then case when is_email(v ->> '$') then hashed(v) else v end
        when not starts_with(v, '{{') and not starts_with(v, '[') then v
        when not may_be_personal(v) then v
        else v[1] || array_to_string(list_transform(
            list_zip(json_keys(v), list_transform(json_keys(v), lambda k: name_key(k)), cast(
                list_concat(json_extract(v, '$.*'), json_extract(v, '$[*]')) as varchar[])),
            lambda {e}: coalesce(cast(to_json({e}[1]) as varchar) || ':', '') || case
                when {e}[2] in ({ids}) then {e}[3]
                when regexp_full_match({e}[2], names) then hashed({e}[3])
                else {inner}({e}[3], names) end), ',') || v[-1] end"""


def _masked_sql(names: Iterable[str]) -> str:
    """Text that is kept of a rejected call: no addresses, nothing under keys that end so.

    Under such a key a text, an object or a list is masked as a whole, also where the line is cut.
    """
    keys = "|".join(name.replace("_", _BETWEEN) for name in names)
    key = f'"[^"\\\\]*(?:{keys}){_BETWEEN}"\\s*:\\s*'
    text = '"(?:[^"\\\\]|\\\\.)*(?:"|$)'
    inner = r"\{[^{}]*\}|\[[^\[\]]*\]"
    value = rf"(?:{text}|\{{(?:[^{{}}]|{inner})*(?:\}}|$)|\[(?:[^\[\]]|{inner})*(?:\]|$))"
    values = f"""regexp_replace(t, '(?i)({key}){value}', '\\1"{MASK}"', 'g')"""
    return f"regexp_replace({values}, '{_EMAIL_IN_TEXT}', '{MASK}', 'g')"


def _hint(names: Iterable[str]) -> str:
    """What the text of an object with such a key holds, in any spelling."""
    return "(?i)" + "|".join(name.replace("_", _BETWEEN) for name in names)


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(names) or _NEVER


def _any_of(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or f"'{_NEVER}'"
