"""Sessions: the client's id where sent, inferred otherwise."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from tests.oracle.events import Event
from tests.oracle.inputs import Application

OVERLONG_AFTER = timedelta(hours=24)
CLOCK_BUCKET = timedelta(minutes=30)


@dataclass(frozen=True)
class Session:
    """The events of one session, in order."""

    events: tuple[Event, ...]

    @property
    def first(self) -> Event:
        return self.events[0]

    @cached_property
    def started_at(self) -> datetime:
        return min(event.occurred_at for event in self.events)

    @cached_property
    def ended_at(self) -> datetime:
        return max(event.occurred_at for event in self.events)

    @property
    def duration(self) -> timedelta:
        return self.ended_at - self.started_at

    @property
    def is_overlong(self) -> bool:
        return self.duration > OVERLONG_AFTER

    @property
    def events_with_path(self) -> list[Event]:
        return [event for event in self.events if event.path is not None]


def sessions_of(events: list[Event], applications: dict[str, Application]) -> list[Session]:
    """Sort a company's events into sessions; a scope never shares one with another scope."""
    with_client_id: dict[tuple, list[Event]] = defaultdict(list)
    by_user: dict[tuple, list[Event]] = defaultdict(list)
    for event in events:
        scope = (event.app_id, event.external_org_id, event.environment)
        if event.client_session_id is None:
            by_user[*scope, event.user_hash].append(event)
        else:
            with_client_id[*scope, event.client_session_id].append(event)

    groups = list(with_client_id.values())
    for (app_id, *_), user_events in by_user.items():
        groups += _infer(user_events, applications[app_id])
    return [Session(tuple(sorted(group, key=lambda event: event.order))) for group in groups]


def _infer(user_events: list[Event], application: Application) -> list[list[Event]]:
    """One user's events without a client's id, cut into sessions."""
    if application.uses_fixed_buckets:
        buckets: dict[datetime, list[Event]] = defaultdict(list)
        for event in user_events:
            buckets[_bucket_start(event.occurred_at)].append(event)
        return list(buckets.values())

    groups: list[list[Event]] = []
    last_time: datetime | None = None
    for event in sorted(user_events, key=lambda event: event.occurred_at):
        if last_time is None or event.occurred_at - last_time > application.session_timeout:
            groups.append([])
        groups[-1].append(event)
        last_time = event.occurred_at
    return groups


def _bucket_start(moment: datetime) -> datetime:
    return datetime.min + ((moment - datetime.min) // CLOCK_BUCKET) * CLOCK_BUCKET
