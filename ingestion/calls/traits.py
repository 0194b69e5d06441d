"""Traits of users and groups: canonical names, one level of objects, operations in common.

Traits are the one part of a call that is taken apart into rows, and only of calls that have some.
"""

from collections.abc import Iterable

import duckdb

from ingestion.calls.personal import protect
from ingestion.calls.settings import CallSettings

PLACE = "file_number, line_number, item_number"
_SAID = 2  # the rank of what comes from no traits
# What a call itself says of its group counts where its traits do not say it.
_SAID_BY_CALL = f"""
    select {PLACE}, false as is_user, 'set' as part, {_SAID} as rank,
        '{{"group_type":' || cast(to_json(merged(groups_of(groups_sent))[1].type) as varchar)
            || '}}' as doc
    from fields
    where case when kind = 'group' and starts_with(groups_sent, '{{')
        then merged(groups_of(groups_sent))[1].type <> '' else false end
    union all
    select {PLACE}, true as is_user, 'set' as part, {_SAID} as rank,
        '{{"account_id":' || cast(to_json(group_sent) as varchar) || '}}' as doc
    from fields where kind = 'identify' and group_sent is not null"""
_PARTS = (
    ("set", 0, "set_sent"),
    ("set", 1, "set_below"),
    ("set_once", 0, "set_once_sent"),
    ("unset", 0, "unset_sent"),
)


def prepare_traits(database: duckdb.DuckDBPyConnection, settings: CallSettings) -> None:
    """The table ``traits``: of each call of ``fields`` that has some, its traits as JSON.

    ``group_type`` is the value of that trait. Of two spellings of a name the canonical one counts,
    else the smaller.
    """
    database.execute(_values_sql(settings))
    is_object = "regexp_matches(value, '^[{\\[]') and not is_group_id(name)"
    protect(database, "trait_values", "value", "protected_object(value, is_user)", is_object)
    database.execute(_TRAITS)


def _values_sql(settings: CallSettings) -> str:
    """The table ``trait_values``: one row per name of a trait as sent."""
    operations = " union all ".join(
        f"select {PLACE}, kind <> 'group' as is_user, '{part}' as part, {rank} as rank,"
        f" {column} as doc from fields where {column} is not null"
        for part, rank, column in _PARTS
    )
    personal = ", ".join(f"'{name}'" for name in settings.personal)
    name = f"""case when is_user then {_renamed(settings.user_traits)}
        else {_renamed(settings.group_traits)} end"""
    return f"""
        create or replace table trait_values as
        with operations as ({operations} union all {_SAID_BY_CALL}),
        members as (
            -- No filter: it would be asked of every call, with all that makes its document.
            select {PLACE}, is_user, part, rank,
                unnest(case when starts_with(doc, '{{') then entries(doc) end) as member
            from operations
            union all
            select {PLACE}, is_user, part, rank, (unnest(texts_of(doc)), 'null') as member
            from operations where part = 'unset' and starts_with(doc, '[')
        ),
        sent as (
            select {PLACE}, is_user, part, rank, member[1] as sent, member[2] as value,
                -- A personal trait stays one, also where it is an object: an address.
                part <> 'unset' and starts_with(member[2], '{{') and not (
                    is_user and list_contains([{personal}]::varchar[], name_key(member[1])))
                    as is_opened
            from members
        ),
        opened as (
            select {PLACE}, is_user, part, rank, sent, '' as field, value
            from sent where not is_opened
            union all
            select {PLACE}, is_user, part, rank, sent || '_' || member[1] as sent,
                member[1] as field, member[2] as value
            from (
                select *, unnest(entries(value)) as member from sent where is_opened
            )
        ),
        keyed as (
            select *, name_key(sent) as n, name_key(field) as field_key from opened
        ),
        named as (
            select * exclude (n), {name} as name from keyed
        )
        select {PLACE}, is_user, part, name, rank, sent,
            case when part = 'unset' or value = '""' then 'null'
                else protected_trait(name, field_key, value, is_user) end as value
        from named where name <> ''"""


_TRAITS = f"""
        create or replace table traits as
        with found as (
            select {PLACE}, part, name, arg_min(value, (rank, sent <> name, sent)) as value,
                min(value) filter (rank = {_SAID}) as said
            from trait_values group by {PLACE}, part, name
        ),
        chosen as (
            -- Null says that there was no value before; what the call itself says comes after it.
            select {PLACE}, part, name,
                unnest(case when value = 'null' and said is not null then [value, said]
                    else [value] end) as value
            from found
        ),
        parts as (
            select {PLACE}, part, value = 'null' as is_unset,
                string_agg(cast(to_json(name) as varchar) || ':' || value, ',' order by name)
                    as members,
                list(name) as names,
                max(value) filter (name = 'group_type' and part = 'set' and starts_with(value, '"'))
                    as group_type
            from chosen group by all
        )
        select {PLACE},
            max(members) filter (part = 'set' and not is_unset) as set_members,
            max(members) filter (part = 'set_once' and not is_unset) as set_once_members,
            list_sort(list_distinct(flatten(list(names) filter (is_unset)))) as unset_names,
            max(group_type) as group_type
        from parts group by {PLACE}"""


def _renamed(names: Iterable[tuple[str, str]]) -> str:
    cases = " ".join(f"when '{sent}' then '{name}'" for sent, name in names)
    return f"case n {cases} else n end" if cases else "n"
