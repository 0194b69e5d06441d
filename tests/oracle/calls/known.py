"""The calls that count: one per id, production, up to the end of D."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from tests.oracle.calls.fields import USAGE_KINDS
from tests.oracle.events import first_plausible_day, nulls_first
from tests.oracle.inputs import CompanyInputs, Row


@dataclass(frozen=True, eq=False)
class KnownCall:
    """A row of ``raw.calls`` with its JSON read."""

    row: Row
    received_at: datetime
    occurred_at: datetime

    def __getattr__(self, name: str) -> Any:
        try:
            return self.row[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def is_usage(self) -> bool:
        return self.row["kind"] in USAGE_KINDS

    @cached_property
    def groups_sent(self) -> list[tuple[str, str]]:
        """Type and id: untyped first, then by type, then in sent order."""
        groups = _read(self.row["groups"])
        return [(kind, group) for kind in sorted(groups) for group in groups[kind]]

    @cached_property
    def traits_sent(self) -> dict[str, Any]:
        return _read(self.row["traits"])

    @cached_property
    def properties_sent(self) -> dict[str, Any]:
        return _read(self.row["properties"])

    @cached_property
    def order(self) -> tuple:
        return self.occurred_at, self.received_at, self.row["call_id"]

    @cached_property
    def conflict_order(self) -> tuple:
        names = (
            *("kind", "event", "user_hash", "anonymous_hash", "groups", "account_id", "path"),
            *("session_id", "environment", "traits", "properties"),
        )
        times = self.received_at, self.occurred_at
        return (*times, *(nulls_first(self.row[name]) for name in names))


def call_contents(inputs: CompanyInputs) -> list[KnownCall]:
    """Every content of every call id, with the earliest receipt among its duplicates."""
    receipts: dict[tuple, list[datetime]] = defaultdict(list)
    rows = inputs.raw_rows("calls")
    for row in rows + inputs.raw_rows("call_receipts"):
        receipts[_identity(row)].append(row["received_at"])
    found = []
    for row in rows:
        received_at = min(receipts[_identity(row)])
        occurred_at = row["occurred_at"] if row["is_time_sent"] else received_at
        found.append(KnownCall(row, received_at, occurred_at))
    return found


def winning_calls(contents: list[KnownCall]) -> list[KnownCall]:
    """One call per id: the content received first, ties by the smaller content."""
    by_id: dict[tuple, list[KnownCall]] = defaultdict(list)
    for call in contents:
        by_id[call.app_id, call.call_id].append(call)
    return [min(calls, key=lambda call: call.conflict_order) for calls in by_id.values()]


def lost_calls(inputs: CompanyInputs) -> list[KnownCall]:
    """Contents that lost to another one with the same id, of any environment and time."""
    contents = call_contents(inputs)
    won = set(winning_calls(contents))
    return [call for call in contents if call not in won]


def calls_that_count(inputs: CompanyInputs) -> list[KnownCall]:
    """Production calls from the first plausible day to the end of D, in order."""
    first_day = first_plausible_day(inputs.as_of)
    return sorted(
        (
            call
            for call in winning_calls(call_contents(inputs))
            if call.environment not in inputs.non_production
            and first_day <= call.occurred_at.date() <= inputs.as_of
        ),
        key=lambda call: call.order,
    )


def _identity(row: Row) -> tuple:
    return row["app_id"], row["call_id"], row["content_hash"]


def _read(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}
