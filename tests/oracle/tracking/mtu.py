"""Expected rows of the mart of monthly tracked users."""

import math
from datetime import date, datetime, time
from fractions import Fraction

from tests.oracle.calls.known import KnownCall
from tests.oracle.days import last_day_of_month, month_of
from tests.oracle.events import Event
from tests.oracle.exact import ratio
from tests.oracle.inputs import Row
from tests.oracle.tracking.planned import integer_of
from tests.oracle.tracking.rules import parameter
from tests.oracle.tracking.telemetry import Telemetry

USER, INSTANCE, MIXED = "user", "instance", "mixed"


class Month:
    """All that a scope sent in a month."""

    def __init__(self, telemetry: Telemetry, apps: set[str], month: date):
        self.telemetry, self.apps, self.month = telemetry, apps, month
        self.calls: list[KnownCall] = []
        self.events: list[Event] = []

    def users(self, apps: set[str]) -> tuple[set[str], set[str]]:
        """User ids and anonymous ids sent by applications of the scope."""
        calls = [call for call in self.calls if call.app_id in apps]
        flat = {e.user_hash for e in self.events if e.vendor is None and e.app_id in apps}
        ids = {call.user_hash for call in calls if call.user_hash is not None} | flat
        anonymous = {call.anonymous_hash for call in calls} - {None}
        return ids, anonymous - self._known()

    def _known(self) -> set[str]:
        """Anonymous ids that a call carries together with, or links to, a user id."""
        known = [call for call in self.calls if call.user_hash is not None]
        return {i for call in known for i in (call.anonymous_hash, call.previous_hash)}

    @property
    def identity_mode(self) -> str:
        modes = {USER if self.telemetry.is_user_mode(a) else INSTANCE for a in self.apps}
        return modes.pop() if len(modes) == 1 else MIXED

    @property
    def group_call_only_users(self) -> int:
        grouped = {c.user_hash for c in self.calls if c.kind == "group"} - {None}
        others = {c.user_hash for c in self.calls if c.kind != "group"}
        flat = {event.user_hash for event in self.events if event.vendor is None}
        return len(grouped - others - flat)

    @property
    def rows_sent(self) -> int:
        return len(self.calls) + sum(event.vendor is None for event in self.events)

    @property
    def accounts(self) -> set[str]:
        return {event.external_org_id for event in self.events}

    @property
    def last_day(self) -> date:
        return last_day_of_month(self.month)

    def user_counts(self) -> list[int | None]:
        """What the accounts of instance-level applications say of their users' number."""
        telemetry = self.telemetry
        day = min(self.last_day, telemetry.as_of)
        when = datetime.combine(day, time.max)
        found = {e.external_org_id for e in self.events if not telemetry.is_user_mode(e.app_id)}
        return [
            _count(telemetry.groups.traits.state_at(account, "number_of_users", when))
            for account in found
        ]

    @property
    def per_user(self) -> int | None:
        known = [count for count in self.user_counts() if count is not None]
        estimate = sum(known) if known else None
        user_apps = {app for app in self.apps if self.telemetry.is_user_mode(app)}
        if not user_apps:
            return estimate
        return sum(len(ids) for ids in self.users(user_apps)) + (estimate or 0)

    @property
    def instance_level(self) -> int:
        unattributed = any(
            a.account is None
            for a in self.telemetry.accounts.attributions
            if a.call.app_id in self.apps and month_of(a.call.occurred_at.date()) == self.month
        )
        return len(self.accounts) + unattributed

    @property
    def is_estimated(self) -> bool:
        return any(
            not self.telemetry.is_user_mode(sent.app_id) for sent in (*self.calls, *self.events)
        )


def _count(value: object) -> int | None:
    number = integer_of(value)
    return number if number is not None and number >= 0 else None


def mtu_monthly(telemetry: Telemetry) -> list[Row]:
    return [_row(telemetry, scope, month) for scope, month in months_of(telemetry)]


def months_of(telemetry: Telemetry) -> list[tuple[str, Month]]:
    """Months in which a scope sent anything."""
    months: dict[tuple[str, date], Month] = {}

    def month(scope: str, day: date) -> Month:
        key = scope, month_of(day)
        if key not in months:
            months[key] = Month(telemetry, telemetry.scopes[scope], key[1])
        return months[key]

    for scope, apps in telemetry.scopes.items():
        for call in telemetry.calls:
            if call.app_id in apps:
                month(scope, call.occurred_at.date()).calls.append(call)
        for event in telemetry.company.events:
            if event.app_id in apps:
                month(scope, event.occurred_on).events.append(event)
    return [(scope, found) for (scope, _), found in months.items()]


def _row(telemetry: Telemetry, scope: str, month: Month) -> Row:
    ids, anonymous = month.users(month.apps)
    accounts, per_user, instance = len(month.accounts), month.per_user, month.instance_level
    included = parameter(telemetry.inputs, "mtu", "included_calls_per_mtu")
    billed = [_billable(n, month.rows_sent, included) for n in (per_user, instance)]
    return {
        "app_id": scope,
        "month": month.month,
        "identity_mode": month.identity_mode,
        "calls": month.rows_sent,
        "tracked_users": len(ids) + len(anonymous),
        "anonymous_users": len(anonymous),
        "group_call_only_users": month.group_call_only_users,
        "accounts": accounts,
        "users_per_account": None if per_user is None else ratio(per_user, accounts),
        "mtu_per_user": per_user,
        "mtu_instance_level": instance,
        "reduction": _reduction(instance, per_user) if accounts else None,
        "included_calls_per_mtu": included,
        "billable_per_user": billed[0],
        "billable_instance_level": billed[1],
        "reduction_billable": _reduction(billed[1], billed[0]) if accounts else None,
        "accounts_without_user_count": sum(count is None for count in month.user_counts()),
        "is_estimated": month.is_estimated,
        "is_partial": month.last_day > telemetry.as_of,
    }


def _billable(units: int | None, calls: int, included: Fraction | None) -> int | None:
    if units is None or included is None:
        return units
    return max(units, math.ceil(Fraction(calls) / included))


def _reduction(instance: int | None, per_user: int | None) -> Fraction | None:
    return None if not per_user else 1 - Fraction(instance, per_user)
