"""Expected rows of the mart of accounts, with their activation."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.calls.groups import ACCOUNT
from tests.oracle.calls.traits_at import trait_text
from tests.oracle.events import Event
from tests.oracle.exact import money
from tests.oracle.inputs import ALL, Row
from tests.oracle.tracking.lifecycle import is_within, trial_status, trials_of
from tests.oracle.tracking.named import name_of, traits_missing
from tests.oracle.tracking.planned import SentEvent, has_type, integer_of, moment_of
from tests.oracle.tracking.telemetry import Telemetry
from tests.oracle.tracking.trait_plan import planned_traits

TEXTS = ("plan", "billing_cycle", "support_level", "industry")
COUNTS = ("employee_count", "number_of_users")


def accounts_of(telemetry: Telemetry) -> list[str]:
    """Every organization, and every defined group of type account on D."""
    groups, end = telemetry.groups, telemetry.end
    defined = {g for g in groups.defined if groups.type_at(g, end) == ACCOUNT}
    return sorted(defined | set(telemetry.company.organizations))


def accounts(telemetry: Telemetry, invitations: list[Row]) -> list[Row]:
    return [
        {
            "external_org_id": account,
            **_traits(telemetry, account),
            **_use(telemetry, account),
            **Activation(telemetry, account).row(),
            **_lifecycle(telemetry, account, invitations),
            "as_of_date": telemetry.as_of,
        }
        for account in accounts_of(telemetry)
    ]


def _traits(telemetry: Telemetry, account: str) -> Row:
    traits = telemetry.groups.traits.values_of(account, telemetry.end)
    plan = planned_traits(telemetry.inputs, ACCOUNT)
    return {
        "is_defined": account in telemetry.groups.defined,
        "is_imported": account in telemetry.company.first_imports,
        "name": name_of(telemetry, account),
        "mrr_trait": mrr_trait(telemetry, account),
        "created_at": moment_of(traits.get("created_at")),
        **{name: trait_text(traits.get(name)) for name in TEXTS},
        **{name: integer_of(traits.get(name)) for name in COUNTS},
        "traits": traits or None,
        "traits_missing": traits_missing({*traits, "account_id"}, plan),
    }


def mrr_trait(telemetry: Telemetry, account: str) -> Decimal | None:
    """The MRR that the application says, in the reporting currency at the rates of D."""
    inputs, traits = telemetry.inputs, telemetry.groups.traits
    version = traits.version_at(account, "mrr", telemetry.end)
    if version is None or not has_type(version.value, "number") or version.value < 0:
        return None
    units = {
        row["app_id"]: row["mrr_unit"]
        for row in inputs.seeds["applications"]
        if row["company_id"] == inputs.company_id
    }
    is_minor = units[version.call.app_id] == "minor"
    amount = Decimal(str(version.value)) / (100 if is_minor else 1)
    reporting = inputs.reporting_currency
    currency = traits.text_at(account, "currency", telemetry.end) or reporting
    known = {row["currency"] for row in inputs.seeds["exchange_rates"]} | {"EUR"}
    if currency != reporting and currency not in known:
        return None
    return inputs.rates.convert(amount, currency, reporting, telemetry.as_of)


def _use(telemetry: Telemetry, account: str) -> Row:
    company = telemetry.company
    events = [event for event in company.events if event.external_org_id == account]
    recent = [event for event in events if telemetry.is_in_last(30, event.occurred_on)]
    return {
        "mrr": money(company.revenue.mrr(account, telemetry.as_of)),
        "users": company.usage.active_users(ALL, events),
        "active_users_30d": company.usage.active_users(ALL, recent),
    }


@dataclass(frozen=True)
class Activation:
    """How far an account has come by the activation rules of the company."""

    telemetry: Telemetry
    account: str

    @property
    def events(self) -> list[Event]:
        events = self.telemetry.company.events
        return [event for event in events if event.external_org_id == self.account]

    @property
    def started_on(self) -> date | None:
        traits = self.telemetry.groups.traits
        created = moment_of(traits.at(self.account, "created_at", self.telemetry.end))
        days = [event.occurred_on for event in self.events]
        return min(days + ([created.date()] if created else []), default=None)

    def _met_on(self, rule: Row) -> date | None:
        """The first day by which the feature had the rule's events, within its window."""
        start, features = self.started_on, self.telemetry.company.usage.features_of
        days = sorted(
            event.occurred_on
            for event in self.events
            if start is not None
            and event.occurred_on >= start
            and rule["feature_key"] in features[event]
        )
        needed = int(rule["min_events"])
        if len(days) < needed:
            return None
        met_on = days[needed - 1]
        last = self._last_day(rule)
        return None if last is not None and met_on > last else met_on

    def _last_day(self, rule: Row) -> date | None:
        within = rule["within_days"]
        return self.started_on + timedelta(days=int(within) - 1) if within else None

    def row(self) -> Row:
        telemetry = self.telemetry
        rules = [
            rule
            for rule in telemetry.inputs.seeds["activation_rules"]
            if rule["company_id"] == telemetry.inputs.company_id
        ]
        met = [day for rule in rules if (day := self._met_on(rule)) is not None]
        state = self._state(rules, met)
        return {
            "started_on": self.started_on,
            "activation_state": state,
            "activated_on": max(met) if state == "activated" else None,
            "rules_met": len(met),
            "rules_defined": len(rules),
        }

    def _state(self, rules: list[Row], met: list[date]) -> str:
        if not rules:
            return "not_defined"
        if len(met) == len(rules):
            return "activated"
        if self.started_on is None:
            return "pending"
        over = [
            rule
            for rule in rules
            if self._met_on(rule) is None
            and (last := self._last_day(rule)) is not None
            and last < self.telemetry.as_of
        ]
        return "missed" if over else "pending"


def _lifecycle(telemetry: Telemetry, account: str, invitations: list[Row]) -> Row:
    trials = [trial for trial in trials_of(telemetry) if trial.account == account]
    newest = max(trials, key=lambda t: ((t.start or t.end).when, t.trial_id), default=None)
    change = last_plan_change(telemetry, account)
    own = [row for row in invitations if row["external_org_id"] == account]
    return {
        "trial_status": newest and trial_status(telemetry, newest),
        "last_plan_change_at": change and change.when,
        "last_plan_change": change and change.name.removeprefix("plan."),
        "last_plan": change and telemetry.plan.text(change, "to_plan"),
        "invitations_30d": sum(is_within(telemetry, row["invited_at"], 30) for row in own),
        "joined_30d": sum(is_within(telemetry, row["joined_at"], 30) for row in own),
    }


def plan_changes(telemetry: Telemetry, account: str) -> list[SentEvent]:
    """Upgrades and downgrades of an account's plan, in order."""
    if not telemetry.sends_calls:
        return []
    found = [
        sent
        for name in ("plan.upgraded", "plan.downgraded")
        for sent in telemetry.events_named(name)
        if sent.event.external_org_id == account
    ]
    return sorted(found, key=lambda sent: sent.event.order)


def last_plan_change(telemetry: Telemetry, account: str) -> SentEvent | None:
    changes = plan_changes(telemetry, account)
    return changes[-1] if changes else None
