"""Events as sent beside the tracking plan: planned properties, spellings, types."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.oracle.calls.accounts import Attribution
from tests.oracle.calls.plan import TrackingPlan
from tests.oracle.calls.traits_at import trait_text
from tests.oracle.calls.values import moment, name_key
from tests.oracle.events import Event
from tests.oracle.inputs import CompanyInputs, Row

OWN_CONTEXT = ("property", "group", "instance", "top_group")
"""Account sources that are context of the call's own; the others are guesses."""


@dataclass(frozen=True, eq=False)
class SentEvent:
    """A usage call or a flat event."""

    app_id: str
    event_id: str
    name: str
    sent_name: str | None
    when: datetime
    planned: Row | None
    is_page: bool
    is_automatic: bool
    """Automatic and not in the plan: no event."""
    properties: dict[str, Any]
    attribution: Attribution | None
    """Null of flat events."""
    event: Event | None
    """Null of calls without an account, and of automatic ones."""

    @property
    def is_flat(self) -> bool:
        return self.attribution is None

    @property
    def is_unattributed(self) -> bool:
        return self.attribution is not None and self.attribution.account is None

    @property
    def has_own_context(self) -> bool:
        return self.attribution is None or self.attribution.source in OWN_CONTEXT


class Plan(TrackingPlan):
    """The tracking plan with the properties of its events."""

    def __init__(self, inputs: CompanyInputs):
        super().__init__(inputs)
        rows = [
            row
            for row in inputs.seeds["tracking_plan_properties"]
            if row["company_id"] in ("*", inputs.company_id)
        ]
        self.property_rows: dict[tuple[str, str], dict[str, Row]] = {}
        for row in sorted(rows, key=lambda r: (r["company_id"] != "*", r["app_id"] != "*")):
            event = self.property_rows.setdefault((row["app_id"], name_key(row["event"])), {})
            event[row["property"]] = row

    def properties(self, app_id: str, event: str) -> dict[str, Row]:
        """Planned properties by name; an application's own rows come before rows for all."""
        key = name_key(event)
        return {
            **self.property_rows.get(("*", key), {}),
            **self.property_rows.get((app_id, key), {}),
        }

    def events(self, app_id: str) -> dict[str, Row]:
        """The planned events of an application by name."""
        found = {}
        for scope in ("*", app_id):
            for (row_scope, _), row in self.rows.items():
                if row_scope == scope:
                    found[row["event"]] = row
        return found

    def value(self, sent: SentEvent, name: str) -> Any:
        """A planned property of an event; null where it is not there."""
        row = self.properties(sent.app_id, sent.name).get(name)
        spelled = spelling_of(sent.properties, name, row)
        return None if spelled is None else sent.properties[spelled]

    def text(self, sent: SentEvent, name: str) -> str | None:
        return trait_text(self.value(sent, name))


def other_names(row: Row | None) -> list[str]:
    return [name for name in ((row and row["also_sent_as"]) or "").split("|") if name]


def spelling_of(properties: dict[str, Any], name: str, row: Row | None) -> str | None:
    """The sent name of a planned property with a value: as planned, else by its other names."""
    present = {n for n, value in properties.items() if value is not None and value != ""}
    for exact in (name, *other_names(row)):
        if exact in present:
            return exact
    keys = {name_key(n) for n in (name, *other_names(row))}
    return min((n for n in present if name_key(n) in keys), default=None)


def is_near_miss(spelling: str, name: str, row: Row | None) -> bool:
    return spelling != name and spelling not in other_names(row)


def has_type(value: Any, kind: str) -> bool:
    """Whether a JSON value is of a planned type."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {
        "string": isinstance(value, str),
        "integer": is_number and float(value).is_integer(),
        "number": is_number,
        "boolean": isinstance(value, bool),
        "datetime": moment_of(value) is not None,
        "object": isinstance(value, dict),
        "array": isinstance(value, list),
        "any": True,
    }[kind or "any"]


def moment_of(value: Any) -> datetime | None:
    """A text of ISO 8601 or a number that is a Unix time; null where it is neither."""
    if isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdigit():
        return None
    try:
        return None if value is None else moment(value)
    except (ValueError, OverflowError):
        return None


def integer_of(value: Any) -> int | None:
    return int(value) if has_type(value, "integer") else None


def is_hashed(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-fA-F]{64}", value) is not None
