"""Files of calls as canonical rows, with the calls that are rejected and why."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from tests.oracle.calls import reasons
from tests.oracle.calls.fields import TIME, USAGE_KINDS, Sent, read_amplitude, read_segment
from tests.oracle.calls.fields_by_id import read_mixpanel, read_posthog
from tests.oracle.calls.privacy import PersonalNames, is_email, replaced
from tests.oracle.calls.traits import TraitReader
from tests.oracle.calls.values import (
    compact,
    hashed_id,
    id_text,
    is_present,
    milliseconds,
    path_of,
    sha256,
)
from tests.oracle.calls.vendors import VENDORS, items_of, vendor_of
from tests.oracle.inputs import Row, own_or_default

_READERS = {"amplitude": read_amplitude, "mixpanel": read_mixpanel, "posthog": read_posthog}
Identity = tuple[str, str, str | None, tuple, int]


@dataclass(frozen=True)
class CallFile:
    """A file of the folder ``calls``: its path below it, its lines, its modification time."""

    company_id: str
    app_id: str
    path: str
    lines: tuple[str, ...]
    modified: datetime

    @property
    def vendor_folder(self) -> str | None:
        first, _, rest = self.path.partition("/")
        return first if rest and first in VENDORS else None


@dataclass(frozen=True)
class Rejected:
    path: str
    line_number: int
    item_number: int | None
    reasons: str


@dataclass(frozen=True)
class Call:
    """A canonical row; ``sent_at`` is null where the vendor sent no time."""

    row: Row
    sender_id: str | None
    sent_at: datetime | None
    sent_received_at: datetime | None
    received_at: datetime

    @cached_property
    def content(self) -> tuple:
        """What makes two rows one call. The receipt counts where there is neither id nor time."""
        is_timeless = self.sender_id is None and self.sent_at is None
        return (
            *(_plain(self.row[name]) for name in CONTENT),
            self.sent_at,
            self.sent_received_at if is_timeless else None,
        )


CONTENT = (
    *("vendor", "kind", "user_hash", "anonymous_hash", "previous_hash", "event", "groups"),
    *("account_id", "traits", "properties", "path", "session_id", "environment"),
)


class CallReader:
    """Reads the calls of an application by its own settings and the company's names."""

    def __init__(self, application: Row, seeds: dict[str, list[Row]]):
        company_id = application["company_id"]
        plan = own_or_default(seeds["trait_plan"], company_id, "entity", "trait")
        types = own_or_default(seeds["group_types"], company_id, "group_type")
        names = PersonalNames(
            {r["trait"] for r in plan if r["entity"] == "user" and _is_true(r["is_pii"])},
            {n for r in types for n in (r["group_type"], *_listed(r["also_sent_as"]))},
        )
        others = {
            other: row["trait"]
            for row in plan
            if row["entity"] == "user"
            for other in _listed(row["also_sent_as"])
        }
        self.is_hashed = application["pii_policy"] != "allowed"
        self.keeps_user_id = not self.is_hashed or application["identity_mode"] == "instance"
        self.names = names if self.is_hashed else None
        self.traits = TraitReader(others, self.names)

    def read(self, file: CallFile) -> tuple[list[Call], list[Rejected], int]:
        """Accepted calls, rejected ones, and how many there are in all."""
        calls, rejected = [], []
        for line_number, line in enumerate(file.lines, start=1):
            if not line.strip():
                continue
            for item, item_number, has_key in items_of(line):
                found = self._call(item, has_key, file)
                if isinstance(found, Call):
                    calls.append(found)
                else:
                    why = ",".join(sorted(found))
                    rejected.append(Rejected(file.path, line_number, item_number, why))
        return calls, rejected, len(calls) + len(rejected)

    def _call(self, item: Any, has_key: bool, file: CallFile) -> Call | set[str]:
        if not isinstance(item, dict):
            return {"not_a_json_object"}
        vendor, wrong = vendor_of(item, has_key, file.vendor_folder)
        if vendor is None or wrong:
            return {wrong or "vendor_unknown"}
        sent = _READERS.get(vendor, read_segment)(item)
        groups, found = reasons.groups_of(sent)
        found |= reasons.kind_reasons(sent) | reasons.id_reasons(sent)
        found |= reasons.object_reasons(sent)
        time, received, wrong_times = reasons.times_of(sent, file.modified)
        sender_id = sender_id_of(sent, time)
        user, anonymous = reasons.user_of(sent), reasons.usable_id(sent.anonymous)
        user_hash, anonymous_hash = hashed_id(user), hashed_id(anonymous)
        session = self._session(sent.session, anonymous_hash or user_hash)
        found |= wrong_times
        found |= reasons.length_reasons(session, sent.environment, sender_id)
        if found:
            return found
        is_usage = sent.kind in USAGE_KINDS
        traits = self._traits(sent, groups)
        row = {
            "company_id": file.company_id,
            "app_id": file.app_id,
            "vendor": vendor,
            "kind": sent.kind,
            "is_automatic": sent.is_automatic,
            "user_hash": user_hash,
            "anonymous_hash": anonymous_hash,
            "previous_hash": hashed_id(reasons.usable_id(sent.previous)),
            "is_merge": sent.is_merge,
            "user_id": user if self.keeps_user_id else None,
            "event": self._text(sent.event) if sent.kind == "track" else None,
            "groups": groups or None,
            "account_id": reasons.usable_id(sent.account_id),
            "traits": traits or None,
            "properties": self._properties(sent.properties) if is_usage else None,
            "path": self._path(path_of(sent.path, sent.path_is_url)),
            "session_id": session,
            "environment": sent.environment if is_present(sent.environment) else None,
        }
        return Call(row, sender_id, time, received, received or file.modified)

    def _traits(self, sent: Sent, groups: reasons.Groups) -> dict[str, Any]:
        is_group = sent.kind == "group"
        traits = self.traits.read(sent.operations, is_group)
        own = traits.get("set", {})
        if is_group:
            if "" in groups and isinstance(own.get("group_type"), str):
                groups[own["group_type"].strip()] = groups.pop("")
            kind = next(iter(groups))
            if kind and "group_type" not in own:
                traits["set"] = {**own, "group_type": kind}
        elif sent.kind == "identify" and "" in groups and "account_id" not in own:
            traits["set"] = {**own, "account_id": groups[""][0]}
        return traits

    def _properties(self, properties: Any) -> dict[str, Any] | None:
        if not is_present(properties):
            return None
        return self.names.properties(properties) if self.names else properties

    def _session(self, session: Any, owner: str | None) -> str | None:
        if not is_present(session):
            return None
        if isinstance(session, str):
            return self._text(session)
        return f"{(owner or '')[:16]}-{id_text(session) or session}"

    def _path(self, path: str | None) -> str | None:
        return None if path is None else "/".join(self._text(part) for part in path.split("/"))

    def _text(self, text: str) -> str:
        return replaced(text) if self.is_hashed and is_email(text) else text


def calls_of(read: list[list[Call]]) -> dict[Identity, Call]:
    """The calls of files in any order: every content of an id, with its earliest receipt."""
    found: dict[Identity, Call] = {}
    for calls in read:
        occurrences: dict[tuple, int] = defaultdict(int)
        for call in calls:
            occurrence = 0
            if call.sender_id is None:
                occurrences[call.content] += 1
                occurrence = occurrences[call.content]
            row = call.row
            key = (row["company_id"], row["app_id"], call.sender_id, call.content, occurrence)
            known = found.get(key, call)
            found[key] = replace(call, received_at=min(call.received_at, known.received_at))
    return found


def sender_id_of(sent: Sent, time: datetime | None) -> str | None:
    """The sender's id; of several values ``<id>:<hash of the others>``."""
    if not sent.sender or not is_present(sent.sender[0]):
        return None
    own, *others = sent.sender
    if not others:
        return str(own)
    sent_at = "" if time is None else str(milliseconds(time))
    joined = "\n".join(sent_at if o is TIME else _id_part(o) for o in others)
    return f"{own}:{sha256(joined)[:16]}"


def _id_part(value: Any) -> str:
    return value.strip() if isinstance(value, str) else id_text(value) or ""


def _plain(value: Any) -> Any:
    return compact(value) if isinstance(value, (dict, list)) else value


def _listed(cell: str) -> list[str]:
    return [part for part in (cell or "").split("|") if part]


def _is_true(cell: str) -> bool:
    return (cell or "").lower() == "true"
