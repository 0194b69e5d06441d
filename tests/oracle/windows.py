"""Usage windows: daily and rolling measures of an organization in a scope.

A scope is one application or ``all``, every application of the company together. "Last n days" of
day d is (d-n, d].
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.oracle.days import days_between
from tests.oracle.events import Event
from tests.oracle.features import features_by_event
from tests.oracle.inputs import ALL, CompanyInputs
from tests.oracle.sessions import Session

WINDOW = 30


@dataclass(frozen=True)
class DayMetrics:
    """The measures of one organization on one day; user counts are null where unknowable."""

    events: int
    sessions: int
    page_views: int
    active_users: int | None
    features_used: int
    events_30d: int
    events_previous_30d: int
    active_days_30d: int
    sessions_30d: int
    active_users_1d: int | None
    active_users_7d: int | None
    active_users_30d: int | None
    features_used_30d: int
    last_seen_at: datetime | None
    days_since_last_seen: int | None
    active_users_30d_earlier: int | None
    """Active users of the 30 days that ended on d-30; no column of a mart."""


class Usage:
    """A company's events and sessions, by scope, organization and day."""

    def __init__(self, inputs: CompanyInputs, events: list[Event], sessions: list[Session]):
        self.inputs = inputs
        self.features_of = features_by_event(events, inputs)
        self.events: dict[tuple[str, str], dict[date, list[Event]]] = {}
        self.sessions: dict[tuple[str, str], dict[date, list[Session]]] = {}
        for event in events:
            for scope in (event.app_id, ALL):
                days = self.events.setdefault((scope, event.external_org_id), defaultdict(list))
                days[event.occurred_on].append(event)
        for session in sessions:
            for scope in (session.first.app_id, ALL):
                days = self.sessions.setdefault(
                    (scope, session.first.external_org_id), defaultdict(list)
                )
                days[session.started_at.date()].append(session)

    @property
    def company_first_day(self) -> date | None:
        return min((min(days) for days in self.events.values()), default=None)

    def first_day(self, scope: str, org: str) -> date | None:
        return min(self.events.get((scope, org), ()), default=None)

    def application_scopes(self) -> list[tuple[str, str]]:
        """(application, organization) where the organization has used the application."""
        return [scoped for scoped in self.events if scoped[0] != ALL]

    def events_in(self, scope: str, org: str, last: date, days: int) -> list[Event]:
        by_day = self.events.get((scope, org), {})
        return [event for day in _window(last, days) for event in by_day.get(day, ())]

    def sessions_in(self, scope: str, org: str, last: date, days: int) -> list[Session]:
        by_day = self.sessions.get((scope, org), {})
        return [session for day in _window(last, days) for session in by_day.get(day, ())]

    def knows_users(self, scope: str) -> bool:
        """Whether users can be distinguished: not where all of a scope is instance-level."""
        applications = self.inputs.applications
        scoped = applications.values() if scope == ALL else [applications[scope]]
        return not all(application.is_instance_level for application in scoped)

    def active_users(self, scope: str, events: Iterable[Event]) -> int | None:
        if not self.knows_users(scope):
            return None
        applications = self.inputs.applications
        return len({e.user_hash for e in events if not applications[e.app_id].is_instance_level})

    def features_used(self, events: Iterable[Event]) -> int:
        return len({key for event in events for key in self.features_of[event]})

    def metrics(self, scope: str, org: str, day: date) -> DayMetrics:
        def users(events: list[Event]) -> int | None:
            return self.active_users(scope, events)

        before = day - timedelta(days=WINDOW)
        last_30 = self.events_in(scope, org, day, WINDOW)
        previous_30 = self.events_in(scope, org, before, WINDOW)
        sessions_30 = self.sessions_in(scope, org, day, WINDOW)
        week_before = day - timedelta(days=7)
        last_7 = [event for event in last_30 if event.occurred_on > week_before]
        today = [event for event in last_7 if event.occurred_on == day]
        last_seen_at = self.last_seen_at(scope, org, day)
        return DayMetrics(
            events=len(today),
            sessions=sum(session.started_at.date() == day for session in sessions_30),
            page_views=sum(event.is_page_view for event in today),
            active_users=users(today),
            features_used=self.features_used(today),
            events_30d=len(last_30),
            events_previous_30d=len(previous_30),
            active_days_30d=len({event.occurred_on for event in last_30}),
            sessions_30d=len(sessions_30),
            active_users_1d=users(today),
            active_users_7d=users(last_7),
            active_users_30d=users(last_30),
            features_used_30d=self.features_used(last_30),
            last_seen_at=last_seen_at,
            days_since_last_seen=last_seen_at and (day - last_seen_at.date()).days,
            active_users_30d_earlier=users(previous_30),
        )

    def last_seen_at(self, scope: str, org: str, day: date) -> datetime | None:
        by_day = self.events.get((scope, org), {})
        last_day = max((seen for seen in by_day if seen <= day), default=None)
        return last_day and max(event.occurred_at for event in by_day[last_day])


def organization_days(
    usage: Usage,
    imported_on: dict[str, date],
    first_mrr_day: dict[str, date],
    as_of: date,
) -> dict[tuple[str, str], list[date]]:
    """The days that each (scope, organization) has rows for."""
    days = {
        scoped: list(days_between(usage.first_day(*scoped), as_of))
        for scoped in usage.application_scopes()
    }
    company_first = usage.company_first_day
    seen = {org for scope, org in usage.events if scope == ALL}
    for org in seen | imported_on.keys() | first_mrr_day.keys():
        starts = [usage.first_day(ALL, org), imported_on.get(org), first_mrr_day.get(org)]
        start = min(day for day in starts if day is not None)
        if company_first is not None:
            start = max(start, company_first)
        days[ALL, org] = list(days_between(start, as_of))
    return days


def _window(last: date, days: int) -> Iterable[date]:
    return (last - timedelta(days=back) for back in range(days))
