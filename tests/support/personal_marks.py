"""Calls with personal data in every place where it may stand, and a search for it on disk.

Each place has a mark of its own: an address (``mark_of...@example.com``) or a person's name.
"""

import gzip
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

Json = dict[str, Any]
MARK = re.compile(r"quillmark\w*")
TIME = "2025-03-05T10:00:00Z"
DROPPED_AT = datetime.fromisoformat(TIME).timestamp() + 86_400


def name(place: str) -> str:
    """A person's name."""
    return f"Quillmark{place}"


def mail(place: str) -> str:
    """An e-mail address, in the spelling of its owner."""
    return f"Quillmark{place}@Example.com"


def _segment(key: str, kind: str = "track", **fields: Any) -> Json:
    track = {"event": "task.completed"} if kind == "track" else {}
    return (
        {"type": kind, "messageId": key, "timestamp": TIME, "userId": "u-marked"} | track | fields
    )


SEGMENT: list[Any] = [
    _segment("identify", "identify", userId=mail("user"), anonymousId=mail("anonymous"), traits={
        "email": mail("email"), "name": name("name"), "firstName": name("first"),
        "last_name": name("last"), "username": name("username"), "phone": name("phone"),
        "avatar": name("avatar"), "birthday": name("birthday"),
        "address": {"street": name("street"), "care_of": [name("care")]},
        "backup": mail("trait"), "profile": {"contact": {"email": mail("profile")}},
        "company": {"owner": mail("company"), "phone": name("companyphone")},
        "friends": [{"email": mail("friend"), "first_name": name("friend")}, mail("listed")],
    }),
    _segment("context", "identify", context={"traits": {"email": mail("context")}}),
    _segment("alias", "alias", previousId=mail("previous")),
    _segment("properties", properties={
        "contact_email": mail("property"), "customer_phone": name("property"),
        "firstName": name("propertyfirst"), "sent_to": f" {mail('blanks')} ",
        "details": {"a": {"b": {"c": {"d": {"e": {"email": mail("deep")}}}}}},
        "members": [mail("member"), {"username": name("member")}],
    }),
    _segment("event", event=mail("event"), context={"sessionId": mail("session")}),
    _segment("page", "page", name="Profile", properties={
        "url": f"https://x.io/people/{mail('segment')}/edit",
        "referrer": f"https://x.io/?mail={mail('query')}",
    }, context={"page": {"title": name("title")}, "traits": {"email": mail("pagetraits")}}),
    _segment("group", "group", groupId="marked", traits={
        "name": "An account", "billing": mail("group"), "owner": {"contact": mail("owner")},
        "admins": [mail("admin")],
    }),
    # One id with two contents.
    _segment("conflict", properties={"email": mail("conflict")}),
    _segment("conflict", properties={"email": mail("conflicting")}),
    {"batch": [_segment("batch", userId=mail("batch")), _segment("bad", kind="x", userId=[])]},
    # What follows is rejected.
    {"type": "delete", "userId": mail("deleted"), "traits": {
        "email": mail("deletedtrait"), "name": name("deletedname"), "note": mail("deletednote"),
        "lastName": f'O"{name("quoted")}', "firstName": {"given": [name("given")]},
        "username": [name("listed"), {"x": {"y": name("nested")}}],
        "profile": {"first_name": name("deletedprofile")},
    }},
    _segment("late", timestamp="soon", properties={"user_first_name": name("late")}),
    _segment("long", userId=mail("long") * 20),
    _segment("wrong", userId={"email": mail("wrong")}),
    "an array of " + mail("text"),
]  # fmt: skip
AMPLITUDE: list[Json] = [
    {"event_type": "$identify", "user_id": mail("amplitude"), "device_id": mail("device"),
     "event_time": "2025-03-05 10:00:00", "uuid": "a1", "user_properties": {
         "$set": {"email": mail("set"), "Name": name("set")},
         "$setOnce": {"firstName": name("once"), "$email": mail("once")}}},
    {"event_type": "task.completed", "user_id": "u-marked", "event_time": "2025-03-05 10:00:01",
     "uuid": "a2", "user_properties": {"email": mail("repeated")},
     "event_properties": {"email": mail("amplitudeproperty")},
     "groups": {"account": ["marked"]}, "group_properties": {"account": {"by": mail("by")}}},
]  # fmt: skip
MIXPANEL: list[Json] = [
    {"$distinct_id": mail("mixpanel"), "$time": 1741168800, "$set": {
        "$email": mail("mixpanelset"), "$name": name("mixpanel"), "$phone": name("mixpanelphone")}},
    {"event": "task.completed", "properties": {
        "distinct_id": mail("distinct"), "time": 1741168800, "$insert_id": "m1",
        "$device_id": mail("mixpaneldevice"), "email": mail("mixpanelproperty")}},
    {"event": "$create_alias", "properties": {
        "distinct_id": mail("aliasof"), "alias": mail("alias"), "time": 1741168800}},
]  # fmt: skip
POSTHOG: list[Json] = [
    {"event": "task.completed", "distinct_id": mail("posthog"), "uuid": "p1", "timestamp": TIME,
     "properties": {"$anon_distinct_id": mail("anon"), "$session_id": mail("posthogsession"),
                    "$current_url": f"https://x.io/{mail('posthogurl')}",
                    "$set": {"email": mail("posthogset")}, "$set_once": {"name": name("posthog")},
                    "$groups": {"account": "marked"}, "reply_to": mail("reply")}},
    {"event": "$groupidentify", "distinct_id": "$account_marked", "uuid": "p2", "timestamp": TIME,
     "properties": {"$group_type": "account", "$group_key": "marked",
                    "$group_set": {"contact": mail("groupset")}}},
]  # fmt: skip
BROKEN = (
    f'{{"type": "identify", "userId": "{mail("cut")}", "traits": {{"email": "{mail("cuttrait")}", '
    f'"firstName": "{name("cut")} and no en',
    f"{mail('line')};{mail('lines')}",
)
"""Lines that are no JSON."""


def write_marked_calls(folder: Path) -> None:
    """Files of calls with marks, in a vendor's folder each, below an application's ``calls``."""
    for vendor, calls in (
        ("segment", SEGMENT),
        ("amplitude", AMPLITUDE),
        ("mixpanel", MIXPANEL),
        ("posthog", POSTHOG),
    ):
        lines = [json.dumps(call) for call in calls]
        file = folder / vendor / "marked.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join([*lines, *(BROKEN if vendor == "segment" else ())]) + "\n")
        os.utime(file, (DROPPED_AT, DROPPED_AT))


def marks_found(folder: Path, *, without: Path) -> dict[str, set[str]]:
    """File -> marks in its bytes, or in what it holds in a compressed form."""
    found: dict[str, set[str]] = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink() and not file.is_relative_to(without):
            marks = {mark for text in _texts(file) for mark in MARK.findall(text.lower())}
            if marks:
                found[file.relative_to(folder).as_posix()] = marks
    return found


def _texts(file: Path) -> Iterator[str]:
    content = file.read_bytes()
    # In UTF-16 and the like there is nothing to be found, but nobody writes it.
    yield content.decode("latin-1")
    if content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content).decode("latin-1")
    elif content.startswith(b"PAR1"):
        yield from _rows(duckdb.connect(), f"read_parquet('{file}')")
    elif content.startswith(b"SQLite"):
        with sqlite3.connect(file) as connection:
            yield "\n".join(connection.iterdump())
    elif content[8:12] == b"DUCK":
        with duckdb.connect(str(file), read_only=True) as connection:
            for (table,) in connection.execute(
                "select format('{}.{}', schema_name, table_name) from duckdb_tables()"
            ).fetchall():
                yield from _rows(connection, table)


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[str]:
    """The rows that have a mark, as text."""
    query = f"select row_of::varchar from {table} as row_of where row_of::varchar ilike $1"
    for (text,) in connection.execute(query, ["%quillmark%"]).fetchall():
        yield text
