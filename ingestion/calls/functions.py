"""Macros of DuckDB that vendors' fields are written with: of JSON values to ids, texts, times.

A value is JSON text as ``json_transform`` gives it, null where the key is absent or null.
"""

import re

from ingestion.calls.personal import personal_functions
from ingestion.calls.settings import CallSettings
from ingestion.name_key import name_key_sql
from ingestion.reading.json_text import whole_number_text_sql
from ingestion.reading.text import trimmed_sql
from ingestion.reading.times import from_epoch_sql, iso_8601_sql

KINDS = ("identify", "group", "track", "page", "screen", "alias")
USAGE_KINDS = "['track', 'page', 'screen']"
MAX_PATH_CHARACTERS = 2048
# What stands for an id that is a list, an object or a boolean: no text of JSON is a lone NUL.
WRONG_TYPE = "chr(0)"

_ABSENT_IDS = (
    "",
    "null",
    "undefined",
    "nil",
    "none",
    "nan",
    "true",
    "false",
    "0",
    "anonymous",
    "guest",
    "id",
    "distinct_id",
    "distinctid",
    "email",
    "not_authenticated",
    "[object object]",
)
_LONGEST_ABSENT_ID = max(map(len, _ABSENT_IDS))
_ABSENT = "|".join(map(re.escape, _ABSENT_IDS))
_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)
_MILLISECONDS_FROM = 100_000_000_000
_DEVICE = "$device:"
_NUMBER = "-?[0-9]+([.][0-9]*)?([eE][+]?[0-9]+)?"

_FROM_NUMBER = f"""case
    when ends_with(sent, 'ms') then from_epoch(try_cast(replace(sent, 'ms', '') as double) / 1000)
    when try_cast(sent as double) >= {_MILLISECONDS_FROM}
        then from_epoch(try_cast(sent as double) / 1000)
    else from_epoch(try_cast(sent as double)) end"""

FUNCTIONS = (
    # Values
    """has(v) as v is not null and v <> '""'""",
    """present(v) as nullif(v, '""')""",
    """has_content(v) as has(v) and v <> '{}'""",
    "first_present(a, b) as coalesce(present(a), present(b)),"
    " (a, b, c) as coalesce(present(a), present(b), present(c)),"
    " (a, b, c, d) as coalesce(present(a), present(b), present(c), present(d))",
    """as_text(v) as case when starts_with(v, '"') then v ->> '$' end""",
    "is_number(v) as regexp_matches(v, '^-?[0-9]')",
    """plain(v) as case when starts_with(v, '"') then v ->> '$' else v end""",
    "hash16(t) as substr(sha256(t), 1, 16)",
    # Objects
    "entries(doc) as list_zip(json_keys(doc), cast(json_extract(doc, '$.*') as varchar[]))",
    "rendered(pairs) as '{' || array_to_string(pairs, ',') || '}'",
    # Ids
    f"usable(t) as case when strlen(t) > {_LONGEST_ABSENT_ID} then t"
    f" when not regexp_full_match(lower(t), '{_ABSENT}') then t end",
    f"trimmed(t) as {trimmed_sql('t')}",
    f"whole_number(t) as {whole_number_text_sql('t')}",
    # Lambdas, because a macro's argument is written out wherever it stands, with all of its regular
    # expressions: planning the query took as long as reading 100,000 calls.
    f"""id_of(v) as case when v = 'null' then null
        when starts_with(v, '"') or is_number(v) then list_transform([
            case when starts_with(v, '"') then trimmed(v ->> '$') else whole_number(v) end],
            lambda t: usable(t))[1]
        when v is not null then {WRONG_TYPE} end""",
    "first_id(a) as id_of(a), (a, b) as coalesce(id_of(a), id_of(b)),"
    " (a, b, c) as coalesce(id_of(a), id_of(b), id_of(c))",
    f"is_device(t) as coalesce(starts_with(t, '{_DEVICE}'), false)",
    f"without_device(t) as case when starts_with(t, '{_DEVICE}')"
    f" then nullif(substr(t, {len(_DEVICE) + 1}), '') else t end",
    "id_hash(t) as case when strlen(t) = 64 and regexp_full_match(t, '[0-9a-fA-F]+') then t"
    " else sha256(t) end",
    "ids_of(v) as list_filter(list_transform("
    "case when starts_with(v, '[') then cast(json_extract(v, '$[*]') as varchar[]) else [v] end,"
    " lambda e: id_of(e)), lambda e: e is not null)",
    "texts_of(v) as list_transform(cast(json_extract(v, '$[*]') as varchar[]), lambda e: plain(e))",
    "item(number, v) as cast(json_extract(v, '$[*]') as varchar[])[number]",
    "first_of_list(v) as case when starts_with(v, '[')"
    " then cast(json_extract(v, '$[0]') as varchar) else v end",
    f"""sender(v) as case
        when starts_with(v, '"') then list_transform([v ->> '$'],
            lambda t: case when t <> '' then trimmed(t) end)[1]
        when is_number(v) then {whole_number_text_sql("v")} end""",
    # Groups: a list of (type, ids), each type once
    "groups_of(doc) as list_filter(list_transform(entries(doc),"
    " lambda e: {'type': trim(e[1]), 'ids': ids_of(e[2])}), lambda g: len(g.ids) > 0)",
    "merged(groups) as list_transform(list_sort(list_distinct(list_transform(groups,"
    " lambda g: g.type))), lambda t: {'type': t, 'ids': flatten(list_transform("
    "list_filter(groups, lambda g: g.type = t), lambda g: g.ids))})",
    "rendered_groups(groups) as case when len(groups) > 0 then rendered(list_transform(groups,"
    " lambda g: cast(to_json(g.type) as varchar) || ':' || cast(to_json(g.ids) as varchar))) end",
    f"name_key(n) as {name_key_sql('n')}",
    "one_member(name, v) as case when has(name) and v is not null"
    " then '{' || cast(to_json(plain(name)) as varchar) || ':' || v || '}' end",
    "group_indexes(a, b, c, d, e) as case when coalesce(a, b, c, d, e) is not null"
    " then '{' || concat_ws(',', '\"$group_0\":' || a, '\"$group_1\":' || b, '\"$group_2\":' || c,"
    " '\"$group_3\":' || d, '\"$group_4\":' || e) || '}' end",
    "own_properties(doc, names) as rendered(list_transform(list_filter(entries(doc),"
    " lambda e: not regexp_full_match(e[1], names)),"
    " lambda e: cast(to_json(e[1]) as varchar) || ':' || e[2]))",
    "with_members(doc, name, category) as case when name is null and category is null"
    " then nullif(doc, '{}') else '{' || concat_ws(',', nullif(doc[2:-2], ''),"
    " '\"name\":' || name, '\"category\":' || category) || '}' end",
    "without_operations(doc) as case when starts_with(doc, '{') and contains(doc, '\"$')"
    " then rendered(list_transform(list_filter(entries(doc), lambda e: not starts_with(e[1], '$')),"
    " lambda e: cast(to_json(e[1]) as varchar) || ':' || e[2])) else present(doc) end",
    # Of several spellings the canonical one counts, else the smaller.
    "spelled_account(doc) as case when contains(lower(doc), 'account') then"
    " list_sort(list_transform(list_filter(entries(doc),"
    " lambda e: name_key(e[1]) = 'account_id' and has(e[2]) and e[2] <> 'null'),"
    " lambda e: {'odd': e[1] <> 'account_id', 'name': e[1], 'sent': e[2]}))[1].sent end",
    # Kinds, paths, times
    f"known_kind(t) as case when list_contains([{_KINDS}], t) then t else 'unknown' end",
    "clean_path(t) as case when contains(t, '?') or contains(t, '#')"
    " then regexp_extract(t, '^[^?#]*') else t end",
    "path_of_url(t) as case when regexp_matches(t, '^([A-Za-z][A-Za-z0-9+.-]*:)?//')"
    " then coalesce(nullif(regexp_extract(t, '^[^/]*//[^/?#]*([^?#]*)', 1), ''), '/')"
    " else clean_path(t) end",
    "first_path(path, url) as case when has(path) then clean_path(as_text(path))"
    " else path_of_url(as_text(url)) end",
    f"kept_path(t) as case when starts_with(t, '/') and length(t) <= {MAX_PATH_CHARACTERS}"
    " then t end",
    "in_milliseconds(v) as case when is_number(v) then v || 'ms' else v end",
    f"from_epoch(s) as {from_epoch_sql('s')}",
    f"moment(sent) as case when regexp_full_match(sent, '{_NUMBER}(ms)?')"
    f" then {_FROM_NUMBER} else {iso_8601_sql('sent')} end",
)


def create_functions(settings: CallSettings) -> str:
    """SQL that makes the macros of all applications, and of one."""
    functions = (*FUNCTIONS, *personal_functions(settings))
    return ";".join(f"create or replace macro {function}" for function in functions)
