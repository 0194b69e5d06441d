"""Roles of users in accounts, and what an event of a role weighs."""

from collections import defaultdict
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from tests.oracle.calls.known import KnownCall
from tests.oracle.calls.traits_at import trait_text
from tests.oracle.calls.values import name_key
from tests.oracle.inputs import own_or_default
from tests.oracle.tracking.telemetry import Telemetry, first_id_of

JOINED = "user.joined"


class Statement(NamedTuple):
    """A call says a user's role: in one account or, where none is named, in all."""

    order: tuple
    accounts: frozenset[str] | None
    role: str


class Roles:
    def __init__(self, telemetry: Telemetry):
        self.telemetry = telemetry
        inputs = telemetry.inputs
        rows = own_or_default(inputs.seeds["role_weights"], inputs.company_id, "role")
        self.weights = {name_key(row["role"]): Fraction(row["weight"]) for row in rows}
        self.statements: dict[str, list[Statement]] = defaultdict(list)
        for call in telemetry.calls:
            self._read_identify(call)
        for joined in telemetry.events_named(JOINED):
            role = telemetry.plan.text(joined, "role")
            if role is not None:
                event = joined.event
                order = event.occurred_at, event.received_at, event.event_id
                accounts = frozenset({event.external_org_id})
                self.statements[event.user_hash].append(Statement(order, accounts, role))

    def _read_identify(self, call: KnownCall) -> None:
        actor = self.telemetry.accounts.actors.actor(call)
        own = call.traits_sent.get("set", {})
        if call.kind != "identify" or actor is None or own.get("role") is None:
            return
        order = call.occurred_at, call.received_at, f"call:{call.call_id}"
        statement = Statement(order, self._named_accounts(call), trait_text(own["role"]))
        self.statements[actor].append(statement)

    def _named_accounts(self, call: KnownCall) -> frozenset[str] | None:
        """The accounts that an identify call names, by its own trait or its groups."""
        accounts, when = self.telemetry.accounts, call.occurred_at
        group = first_id_of(trait_text(call.traits_sent.get("set", {}).get("account_id")))
        named = accounts.names[call]
        if group is None and not named:
            return None
        found = {accounts.set_by(call, when)[0]} if named else set()
        if group is not None:
            found.add(self.telemetry.groups.account_at(group, when))
        return frozenset(found - {None})

    def at(self, user: str, account: str, when: datetime) -> str | None:
        """The role of a user in an account at a time, backfilled."""
        said = [
            statement
            for statement in sorted(self.statements.get(user, ()), key=lambda said: said.order)
            if statement.accounts is None or account in statement.accounts
        ]
        if not said:
            return None
        since = max(when, said[0].order[0])
        return [statement for statement in said if statement.order[0] <= since][-1].role

    def weight(self, role: str | None) -> Fraction:
        return Fraction(1) if role is None else self.weights.get(name_key(role), Fraction(1))
