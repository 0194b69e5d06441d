"""What the marts of the telemetry standard share: calls and events as one, windows, scopes."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from tests.oracle.calls.accounts import Attribution, ids_of, read_list
from tests.oracle.calls.events import event_id_of
from tests.oracle.calls.known import KnownCall
from tests.oracle.company import Company
from tests.oracle.events import Event
from tests.oracle.inputs import ALL
from tests.oracle.tracking.planned import Plan, SentEvent


@dataclass(frozen=True)
class Setting:
    """A group-setting call of an actor, and the account that it gives at its own time."""

    call: KnownCall
    actor: str
    account: str


class Telemetry:
    """A company's calls, and its flat events beside them, on its as-of date."""

    def __init__(self, company: Company):
        self.company = company
        self.inputs = company.inputs
        self.as_of = company.as_of
        self.end = datetime.combine(company.as_of, time.max)
        self.accounts = company.accounts
        self.calls = company.accounts.calls
        self.groups = company.accounts.groups
        self.types = company.accounts.types
        self.user_traits = company.accounts.user_traits
        self.plan = Plan(company.inputs)

    @property
    def sends_calls(self) -> bool:
        return bool(self.calls)

    def is_in_last(self, days: int, day: date) -> bool:
        """Whether a day is among the last so many up to D."""
        return self.as_of - timedelta(days=days) < day <= self.as_of

    def is_user_mode(self, app_id: str) -> bool:
        return not self.inputs.applications[app_id].is_instance_level

    @cached_property
    def scopes(self) -> dict[str, set[str]]:
        """Every application, and all of them together."""
        applications = set(self.inputs.applications)
        return {ALL: applications, **{app_id: {app_id} for app_id in applications}}

    @cached_property
    def sent(self) -> list[SentEvent]:
        """Usage calls and flat events, with what the plan says of them."""
        of_calls = {(e.app_id, e.event_id): e for e in self.company.events if e.vendor}
        calls = [
            self._sent_call(a, of_calls.get((a.call.app_id, event_id_of(a.call))))
            for a in self.accounts.attributions
        ]
        return calls + [self._sent_flat(e) for e in self.company.events if e.vendor is None]

    def _sent_call(self, attribution: Attribution, event: Event | None) -> SentEvent:
        call = attribution.call
        planned = self.plan.row_of(call)
        return SentEvent(
            app_id=call.app_id,
            event_id=event_id_of(call),
            name=self.plan.name_of(call),
            sent_name=call.event,
            when=call.occurred_at,
            planned=planned,
            is_page=call.kind != "track",
            is_automatic=bool(call.is_automatic) and planned is None,
            properties=call.properties_sent,
            attribution=attribution,
            event=event,
        )

    def _sent_flat(self, event: Event) -> SentEvent:
        planned = self.plan.row(event.app_id, event.event)
        is_page = planned is None and event.event in ("page_view", "page", "screen_view")
        return SentEvent(
            app_id=event.app_id,
            event_id=event.event_id,
            name=planned["event"] if planned else event.event,
            sent_name=event.event,
            when=event.occurred_at,
            planned=planned,
            is_page=is_page,
            is_automatic=False,
            properties=_object(event.properties),
            attribution=None,
            event=event,
        )

    def events_named(self, name: str) -> list[SentEvent]:
        """Events of a planned name, with an account, in the order of events."""
        found = [s for s in self.sent if s.event and s.planned and s.name == name]
        return sorted(found, key=lambda sent: (sent.event.order, sent.app_id))

    @cached_property
    def settings(self) -> list[Setting]:
        found = []
        for (_, actor), calls in self.accounts.settings.items():
            for call in calls:
                account, _ = self.accounts.set_by(call, call.occurred_at)
                if account is not None:
                    found.append(Setting(call, actor, account))
        return found

    @cached_property
    def chains(self) -> dict[tuple[str, str], frozenset[str]]:
        """The groups for which an event counts, by application and event."""
        return {(e.app_id, e.event_id): self._chains(e) for e in self.company.events}

    def _chains(self, event: Event) -> frozenset[str]:
        named = event.group_id or event.external_org_id
        return frozenset(
            group
            for start in (named, event.external_org_id)
            for group in self.groups.chain_at(start, event.occurred_at)
        )

    @cached_property
    def events_of_groups(self) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.company.events:
            for group in self.chains[event.app_id, event.event_id]:
                found[group].append(event)
        return found

    def account_of_trait(self, user: str, trait: str, when: datetime) -> str | None:
        """The account of a user's trait that is an id, or a list of ids: its first."""
        group = self.id_of_trait(user, trait, when)
        return None if group is None else self.groups.account_at(group, when)

    def id_of_trait(self, user: str, trait: str, when: datetime) -> str | None:
        return first_id_of(self.user_traits.text_at(user, trait, when))


def first_id_of(text: str | None) -> str | None:
    ids = ids_of(read_list(text))
    return ids[0] if ids else None


def _object(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}
