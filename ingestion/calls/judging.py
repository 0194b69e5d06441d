"""Items of calls to canonical rows: one query reads, judges and hashes the items of a chunk."""

import json
from collections.abc import Callable, Mapping, Sequence

from ingestion.calls.content import content_hash_sql
from ingestion.calls.functions import KINDS
from ingestion.calls.groups import with_groups_sql
from ingestion.calls.rules import call_rules
from ingestion.calls.settings import CallSettings
from ingestion.calls.traits import PLACE
from ingestion.calls.vendors import VENDOR_BY_FOLDER, VENDORS, Vendor
from ingestion.calls.vendors.vendor import (
    BOOLEANS,
    FIELDS,
    compiled,
    opened_shapes_of,
    shape_of,
)
from ingestion.dumps.identity import may_be_derived_sql
from ingestion.dumps.rows import FILE_COLUMNS
from ingestion.dumps.rules import is_good_sql, reasons_sql, within_receipts_sql
from ingestion.reading.json_text import is_strict_object_sql
from ingestion.reading.text import beginning_sql
from ingestion.sql import literal

# Servers of PostHog send an id of their own for calls that are about a group.
_WITH_USERS = [kind for kind in KINDS if kind not in ("group", "alias")]


# The parts of traits that are there.
_TRAITS = """nullif('{' || concat_ws(',',
    '"set":{' || set_members || '}',
    '"set_once":{' || set_once_members || '}',
    case when len(unset_names) > 0 then '"unset":' || cast(to_json(unset_names) as varchar) end,
    case when is_cleared then '"clear":true' end) || '}', '{}')"""


# Pages and screens have a name and a category, too.
_PROPERTIES = """case when kind = 'track' then nullif(own_properties, '{}')
    when kind in ('page', 'screen')
        then with_members(own_properties, present(name_sent), present(category_sent)) end"""


def fields_sql(items: str, folder: str | None) -> str:
    """The table ``fields``: what the vendors' fields hold, from the items of a chunk.

    ``folder`` is the vendor that the files' folder names.
    """
    vendors = VENDORS if folder is None else (VENDOR_BY_FOLDER[folder],)
    return f"""
        create or replace table fields as
        with parsed as (
            select *, try(json_transform(case when not is_too_long then item end,
                '{json.dumps(shape_of(vendors))}')) as lenient
            from {items} where is_too_long or not regexp_full_match(item, '\\s*')
        ),
        checked as (
            select *, lenient is not null and {is_strict_object_sql("item")} as is_object
            from parsed
        ),
        strict as (
            select * exclude (lenient), case when is_object then lenient end as sent from checked
        ),
        opened as ({_opened(vendors)}),
        known as (
            select *, case when is_object then {_vendor(vendors, folder)} end as vendor from opened
        ),
        termed as (
            select *, {_terms(vendors)} from known
        ),
        classified as (
            select *, {_by_vendor(vendors, lambda vendor: compiled(vendor.kind))} as kind,
                case when is_too_long then 'line_too_long'
                    when not is_object then 'not_a_json_object'
                    when vendor is null then
                        '{"vendor_unknown" if folder is None else "vendor_mismatch"}'
                    end as malformed
            from termed
        ),
        found as (
            select *, {", ".join(f"{_field(vendors, name)} as {name}" for name in FIELDS)},
                {_own_properties(vendors)} as own_properties
            from classified
        )
        select {FILE_COLUMNS}, line_number, item_number, item, malformed, vendor, kind,
            {", ".join(FIELDS)}, {_PROPERTIES} as own_properties_sent
        from found"""


def judged_sql(fields: str, settings: CallSettings, only_good: bool) -> str:
    """Rows of the columns of ``parsed_calls``, from rows of ``fields``, ``traits``, groups."""
    rules = call_rules()
    reasons = "''" if only_good else reasons_sql(rules)
    good = is_good_sql(rules, may_be_derived_sql("sender_id"))
    return f"""
        with {_canonical(fields)},
        judged as (
            select *, {reasons} as reasons from called {f"where {good}" if only_good else ""}
        ),
        stored as ({_stored(settings, only_good)})
        select * exclude (sent_at, sent_received_at),
            case when reasons = '' then {content_hash_sql()} end as content_hash
        from stored"""


def _opened(vendors: Sequence[Vendor]) -> str:
    shapes: Mapping[str, dict] = opened_shapes_of(vendors)
    columns = [
        f"json_transform(sent.{name}, '{json.dumps(shape)}') as opened_{name}"
        for name, shape in shapes.items()
    ]
    return f"select {', '.join(['*', *columns])} from strict"


def _vendor(vendors: Sequence[Vendor], folder: str | None) -> str:
    """The vendor of an object: that of the first rule that holds, or the folder's."""
    by_place = sorted(
        (place, folder or vendor.names[0], compiled(rule))
        for vendor in vendors
        for place, rule in vendor.rules.items()
    )
    cases = " ".join(f"when {rule} then {literal(name)}" for _, name, rule in by_place)
    return f"case {cases} end"


def _by_vendor(vendors: Sequence[Vendor], sql: Callable[[Vendor], str]) -> str:
    cases = " ".join(
        f"when vendor in ({', '.join(map(literal, vendor.names))}) then {sql(vendor)}"
        for vendor in vendors
    )
    return f"case {cases} end"


def _terms(vendors: Sequence[Vendor]) -> str:
    def term(name: str) -> str:
        return _by_vendor(vendors, lambda vendor: compiled(vendor.terms.get(name, "null")))

    names = sorted({name for vendor in vendors for name in vendor.terms} | {"name"})
    return ", ".join(f"{term(name)} as {name}" for name in names)


def _field(vendors: Sequence[Vendor], name: str) -> str:
    absent = "false" if name in BOOLEANS else "null::varchar"
    value = _by_vendor(vendors, lambda vendor: compiled(vendor.fields.get(name, absent)))
    return f"coalesce({value}, false)" if name in BOOLEANS else value


def _own_properties(vendors: Sequence[Vendor]) -> str:
    """The properties of usage calls without the vendor's own."""
    own = _by_vendor(
        vendors,
        lambda vendor: (
            f"own_properties(properties_sent, '{vendor.no_properties}')"
            if vendor.no_properties
            else "present(properties_sent)"
        ),
    )
    return f"case when kind in ('page', 'screen', 'track') then {own} end"


def _canonical(fields: str) -> str:
    """CTEs from what the vendors' fields hold to what a call is."""
    with_time = [name for vendor in VENDORS if vendor.has_time_in_id for name in vendor.names]
    received = within_receipts_sql("read_receipt")
    return f"""
        plain_times as (
            select *, plain(receipt_sent) as receipt_text, plain(time_sent) as time_text
            from {fields}
        ),
        read as (
            select * replace (
                    case when list_contains({_WITH_USERS}, kind) and starts_with(user_sent, '$')
                        then null else user_sent end as user_sent,
                    case when kind = 'track' then is_automatic else false end as is_automatic
                ),
                case when receipt_text is null then modified_at else moment(receipt_text) end
                    as read_receipt,
                moment(time_text) as sent_at,
                sender(id_sent) as sent_id,
                id_of(first_of_list(account_sent)) as account_id,
                coalesce(has(groups_sent) and not starts_with(groups_sent, '{{'), false)
                    as has_odd_groups
            from plain_times
            left join traits using ({PLACE})
        ),
        grouped as ({with_groups_sql("read")}),
        called as (
            select *, {received} as received,
                case when list_contains({with_time}::varchar[], vendor) then sent_id || ':' ||
                        hash16(concat_ws(chr(10), id_context, cast(epoch_ms(sent_at) as varchar)))
                    when id_context is not null then sent_id || ':' || hash16(id_context)
                    else sent_id end as sender_id
            from grouped
        )"""


def _stored(settings: CallSettings, only_good: bool) -> str:
    raw_text = "masked(rtrim(item, chr(13) || chr(10)))"
    user_id = "user_sent" if settings.keeps_user_ids else "null::varchar"
    file = "source_path" if only_good else "file_number"
    return f"""
        select
            {file}, line_number, item_number, company_id, app_id,
            reasons, case when reasons <> '' then {beginning_sql(raw_text)} end as raw_text,
            vendor, kind, is_automatic,
            id_hash(user_sent) as user_hash,
            id_hash(anonymous_sent) as anonymous_hash,
            case when kind = 'alias' then id_hash(previous_sent) end as previous_hash,
            is_merge, {user_id} as user_id,
            case when kind = 'track' then protected_text(as_text(event_sent)) end as event,
            rendered_groups as groups,
            account_id,
            {_TRAITS} as traits,
            case when reasons = '' then own_properties_sent end as properties,
            kept_path(protected_path(path_sent)) as path,
            case when is_number(session_sent) then substr(id_hash(coalesce(
                    anonymous_sent, user_sent)), 1, 16) || '-' || sender(session_sent)
                else protected_text(nullif(as_text(session_sent), '')) end as session_id,
            nullif(as_text(environment_sent), '') as environment,
            coalesce(sent_at, received) as occurred_at, sent_at is not null as is_time_sent,
            received as received_at, sender_id, sent_at,
            case when receipt_sent is not null then received end as sent_received_at
        from judged"""
