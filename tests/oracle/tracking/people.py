"""Expected rows of the marts of users, and of users in accounts."""

from collections import defaultdict
from functools import cached_property

from tests.oracle.calls.traits_at import trait_text
from tests.oracle.calls.values import is_hash, sha256
from tests.oracle.events import Event
from tests.oracle.inputs import Row
from tests.oracle.tracking.named import traits_missing
from tests.oracle.tracking.planned import moment_of
from tests.oracle.tracking.roles import JOINED, Roles
from tests.oracle.tracking.telemetry import Telemetry
from tests.oracle.tracking.trait_plan import USER, planned_traits

TEXTS = ("role", "subscription_level", "preferred_language", "industry")
MOMENTS = ("created_at", "last_active_at", "last_login")
HASH = "sha256:"


def email_hash(text: str | None) -> str | None:
    """The hash of an e-mail address, sent or stored as a hash or not."""
    if not text:
        return None
    plain = text.removeprefix(HASH)
    return plain.lower() if is_hash(plain) else sha256(plain.strip().lower())


class People:
    """Users of the user-mode applications of a company that sends calls."""

    def __init__(self, telemetry: Telemetry):
        self.telemetry = telemetry
        self.actors = telemetry.accounts.actors
        self.roles = Roles(telemetry)
        self.events: dict[str, list[Event]] = defaultdict(list)
        self.seen: dict[str, list] = defaultdict(list)
        if not telemetry.sends_calls:
            return
        for event in telemetry.company.events:
            if telemetry.is_user_mode(event.app_id):
                self.events[event.user_hash].append(event)
                self.seen[event.user_hash].append(event.occurred_at)
        for call in telemetry.calls:
            is_user_call = call.kind == "identify" or call.is_usage
            if is_user_call and telemetry.is_user_mode(call.app_id):
                self.seen[self.actors.actor(call)].append(call.occurred_at)

    @cached_property
    def user_ids(self) -> set[str]:
        """What was sent as a user id, by any call or flat event."""
        calls = {call.user_hash for call in self.telemetry.calls}
        return calls | {e.user_hash for e in self.telemetry.company.events if e.vendor is None}

    def is_anonymous(self, user: str) -> bool:
        return user not in self.user_ids

    @cached_property
    def by_account(self) -> dict[tuple[str, str], list[Event]]:
        found = defaultdict(list)
        for user, events in self.events.items():
            for event in events:
                found[user, event.external_org_id].append(event)
        return found

    @cached_property
    def sources(self) -> dict[tuple[str, str], set[str]]:
        """Why a user is in an account."""
        telemetry, groups = self.telemetry, self.telemetry.groups
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for pair in self.by_account:
            found[pair].add("events")
        for setting in telemetry.settings:
            if telemetry.is_user_mode(setting.call.app_id):
                found[setting.actor, setting.account].add("group")
        for (user, trait), versions in telemetry.user_traits.versions.items():
            for version in versions if trait == "account_id" else ():
                group = telemetry.id_of_trait(user, trait, version.since)
                is_value = version.value is not None and group is not None
                if is_value and telemetry.is_user_mode(version.call.app_id):
                    found[user, groups.account_at(group, version.since)].add("identify")
        for joined in telemetry.events_named(JOINED):
            if telemetry.is_user_mode(joined.app_id):
                found[joined.event.user_hash, joined.event.external_org_id].add("joined")
        return {pair: why for pair, why in found.items() if pair[0] in self.seen}

    @cached_property
    def accounts_of(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for user, account in sorted(self.sources):
            found[user].append(account)
        return found

    def events_30d(self, events: list[Event]) -> list[Event]:
        return [e for e in events if self.telemetry.is_in_last(30, e.occurred_on)]

    def role(self, user: str, account: str) -> str | None:
        return self.roles.at(user, account, self.telemetry.end)

    def primary(self, user: str) -> str:
        """The account of the trait if it is one of the user's, else the one used most."""
        telemetry = self.telemetry
        chosen = telemetry.account_of_trait(user, "primary_account_id", telemetry.end)
        if chosen in self.accounts_of[user]:
            return chosen
        return min(self.accounts_of[user], key=lambda account: self._use(user, account))

    def _use(self, user: str, account: str) -> tuple:
        events = self.by_account.get((user, account), [])
        last = max((event.occurred_at for event in events), default=None)
        age = None if last is None else self.telemetry.end - last
        return -len(self.events_30d(events)), age is None, age, account

    def names_account(self, user: str) -> bool:
        """Whether a group-setting call of the user names an account."""
        return any(setting.actor == user for setting in self.telemetry.settings)

    def present_traits(self, user: str) -> set[str]:
        found = set(self.telemetry.user_traits.values_of(user, self.telemetry.end))
        if not self.is_anonymous(user):
            found.add("user_id")
        if self.names_account(user):
            found.add("account_id")
        return found


def users(telemetry: Telemetry, people: People) -> list[Row]:
    plan = planned_traits(telemetry.inputs, USER)
    rows = []
    for user, seen in people.seen.items():
        traits = telemetry.user_traits.values_of(user, telemetry.end)
        identified = [
            call.occurred_at
            for call in telemetry.calls
            if call.kind == "identify"
            and people.actors.actor(call) == user
            and telemetry.is_user_mode(call.app_id)
        ]
        rows.append(
            {
                "user_hash": user,
                "user_id": _user_id(telemetry, user),
                "email_hash": email_hash(trait_text(traits.get("email"))),
                "is_anonymous": people.is_anonymous(user),
                "external_org_id": telemetry.account_of_trait(user, "account_id", telemetry.end),
                "primary_account_id": telemetry.id_of_trait(
                    user, "primary_account_id", telemetry.end
                ),
                **{name: trait_text(traits.get(name)) for name in TEXTS},
                **{name: moment_of(traits.get(name)) for name in MOMENTS},
                "accounts": len(people.accounts_of[user]),
                "identified_at": min(identified, default=None),
                "first_seen_at": min(seen),
                "last_seen_at": max(seen),
                "events_30d": len(people.events_30d(people.events[user])),
                "traits": traits or None,
                "traits_missing": traits_missing(people.present_traits(user), plan),
                "as_of_date": telemetry.as_of,
            }
        )
    return rows


def _user_id(telemetry: Telemetry, user: str) -> str | None:
    """The id behind the hash, where an application keeps it."""
    ids = {
        call.user_id
        for call in telemetry.calls
        if call.user_hash == user and call.user_id and telemetry.is_user_mode(call.app_id)
    }
    return min(ids, default=None)


def user_accounts(telemetry: Telemetry, people: People) -> list[Row]:
    rows = []
    for (user, account), sources in people.sources.items():
        events = people.by_account.get((user, account), [])
        times = [event.occurred_at for event in events]
        recent = people.events_30d(events)
        role = people.role(user, account)
        weights = [
            people.roles.weight(people.roles.at(user, account, event.occurred_at))
            for event in recent
        ]
        rows.append(
            {
                "user_hash": user,
                "external_org_id": account,
                "role": role,
                "role_weight": people.roles.weight(role),
                "is_primary": people.primary(user) == account,
                "sources": ",".join(sorted(sources)),
                "first_seen_at": min(times, default=None),
                "last_seen_at": max(times, default=None),
                "events": len(events),
                "events_30d": len(recent),
                "weighted_events_30d": sum(weights, start=0 * people.roles.weight(None)),
                "as_of_date": telemetry.as_of,
            }
        )
    return rows
