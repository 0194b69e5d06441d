"""Events: which content of an id wins, when it happened, and whether it counts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from tests.oracle.inputs import CompanyInputs, Row

PAGE_VIEW_NAMES = ("page_view", "page")
PLAUSIBLE_YEARS = 10


@dataclass(frozen=True)
class Event:
    app_id: str
    event_id: str
    content: str
    external_org_id: str
    event: str
    user_hash: str
    path: str | None
    client_session_id: str | None
    ts_epoch: int | None
    received_at: datetime
    environment: str
    plan: str | None
    properties: str | None
    group_id: str | None = None
    account_source: str = "event"
    sent_event: str | None = None
    vendor: str | None = None
    called_at: datetime | None = None
    """Of a vendor's call its time, with the fraction of the second; null of flat events."""

    @cached_property
    def occurred_at(self) -> datetime:
        if self.called_at is not None:
            return self.called_at
        if self.ts_epoch is None:
            return self.received_at
        return datetime.fromtimestamp(self.ts_epoch, UTC).replace(tzinfo=None)

    @cached_property
    def occurred_on(self) -> date:
        return self.occurred_at.date()

    @property
    def is_page_view(self) -> bool:
        return self.path is not None and self.event in PAGE_VIEW_NAMES

    @cached_property
    def order(self) -> tuple:
        """Time, and within one second (event, path, user_hash, event_id), nulls first.

        Calls are ordered so within one moment, not one second.
        """
        return (
            self.called_at or self.occurred_at.replace(microsecond=0),
            self.event,
            nulls_first(self.path),
            self.user_hash,
            self.event_id,
        )


def nulls_first(value) -> tuple:
    return (value is not None, value)


def event_contents(inputs: CompanyInputs) -> list[Event]:
    """Every content of every event id, each with the earliest receipt among its duplicates."""
    receipts: dict[tuple, list[datetime]] = defaultdict(list)
    contents: dict[tuple, Row] = {}
    for row in inputs.raw_rows("events"):
        contents[_identity(row)] = row
    for row in inputs.raw_rows("events") + inputs.raw_rows("event_receipts"):
        receipts[_identity(row)].append(row["received_at"])
    return [
        Event(
            app_id=row["app_id"],
            event_id=row["event_id"],
            content=row["content_hash"],
            external_org_id=row["customer_org_id"],
            event=row["event"],
            user_hash=row["user_hash"],
            path=row["path"],
            client_session_id=row["session_id"],
            ts_epoch=row["ts_epoch"],
            received_at=min(receipts[identity]),
            environment=row["environment"],
            plan=row["plan"],
            properties=row["properties"],
        )
        for identity, row in contents.items()
    ]


def winners(contents: list[Event]) -> list[Event]:
    """One event per id: the content received first, ties by the smaller content."""
    by_id: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for content in contents:
        by_id[content.app_id, content.event_id].append(content)
    return [min(candidates, key=_conflict_order) for candidates in by_id.values()]


def losers(contents: list[Event]) -> list[Event]:
    """Contents that lost to another one with the same id, of any environment and time."""
    won = set(winners(contents))
    return [content for content in contents if content not in won]


def first_plausible_day(day: date) -> date:
    """Ten years before a day: events of earlier days are the work of wrong clocks."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - PLAUSIBLE_YEARS, day=28 if is_leap_day else day.day)


def events_that_count(inputs: CompanyInputs) -> list[Event]:
    """Production events from the first plausible day to the end of D, in order."""
    first_day = first_plausible_day(inputs.as_of)
    counted = [
        event
        for event in winners(event_contents(inputs))
        if event.environment not in inputs.non_production
        and first_day <= event.occurred_on <= inputs.as_of
    ]
    return sorted(counted, key=lambda event: event.order)


def _identity(row: Row) -> tuple:
    return row["app_id"], row["event_id"], row["content_hash"]


def _conflict_order(event: Event) -> tuple:
    return (
        event.received_at,
        nulls_first(event.ts_epoch),
        event.event,
        nulls_first(event.path),
        event.user_hash,
        event.external_org_id,
        nulls_first(event.client_session_id),
        event.environment,
        nulls_first(event.plan),
        nulls_first(event.properties),
    )
