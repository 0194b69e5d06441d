"""Expected rows of the mart of differences between calls and imported revenue."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tests.oracle.calls.values import name_key
from tests.oracle.days import days_between, month_of, next_month
from tests.oracle.exact import ZERO_MONEY
from tests.oracle.inputs import Row
from tests.oracle.tracking.accounts import (
    accounts_of,
    last_plan_change,
    mrr_trait,
    plan_changes,
)
from tests.oracle.tracking.lifecycle import Trial, trial_status, trials_of
from tests.oracle.tracking.rules import parameter
from tests.oracle.tracking.telemetry import Telemetry

SMALLEST = Decimal("0.01")
LAST_DAYS = 90
MOVEMENTS = {
    "plan.upgraded": ("upgrade_without_expansion", {"new", "reactivation", "expansion"}),
    "plan.downgraded": ("downgrade_without_contraction", {"contraction", "churn"}),
}
Found = tuple[str, str | None, str | None, Decimal | None]
ANY = "any text"
"""Stands for an expected or observed text that the definitions leave open."""


def billing_discrepancies(telemetry: Telemetry) -> list[Row]:
    if not any(call.kind == "group" for call in telemetry.calls):
        return []
    rows = []
    for account in accounts_of(telemetry):
        for name, expected, observed, difference in _checks(telemetry, account):
            row = {
                "external_org_id": account,
                "discrepancy": name,
                "difference": difference,
                "as_of_date": telemetry.as_of,
            }
            texts = {"expected": expected, "observed": observed}
            rows.append(row | {key: text for key, text in texts.items() if text is not ANY})
    return rows


def _checks(telemetry: Telemetry, account: str) -> Iterator[Found]:
    imported = telemetry.company.revenue.mrr(account, telemetry.as_of)
    yield from _amounts(telemetry, account, imported)
    yield from _plans(telemetry, account)
    yield from _plan_events(telemetry, account)
    yield from _trials(telemetry, account, imported)
    seen = {event.external_org_id for event in telemetry.company.events}
    if imported > 0 and account not in telemetry.groups.defined | seen:
        yield "paying_without_calls", ANY, ANY, None


def _amounts(telemetry: Telemetry, account: str, imported: Decimal) -> Iterator[Found]:
    said = mrr_trait(telemetry, account)
    if said is None:
        if imported > 0 and account in telemetry.groups.defined:
            yield "subscription_without_mrr", str(imported), None, None
    elif said > 0 and imported == 0:
        yield "mrr_without_subscription", str(ZERO_MONEY), str(said), said
    elif said > 0:
        tolerance = parameter(telemetry.inputs, "billing", "mrr_tolerance")
        difference = said - imported
        if abs(difference) > SMALLEST and abs(difference) > tolerance * Fraction(imported):
            yield "mrr_differs", str(imported), str(said), difference


def _plans(telemetry: Telemetry, account: str) -> Iterator[Found]:
    traits, end = telemetry.groups.traits, telemetry.end
    plan = traits.text_at(account, "plan", end)
    if plan is None or traits.state_at(account, "plan", end) is None:
        return
    active = telemetry.company.revenue.counting(telemetry.as_of)
    codes = {s.product_code for s in active if s.external_org_id == account}
    if codes and name_key(plan) not in {name_key(code) for code in codes}:
        yield "plan_differs", ",".join(sorted(codes)), plan, None
    change = last_plan_change(telemetry, account)
    to_plan = change and telemetry.plan.text(change, "to_plan")
    since = traits.version_at(account, "plan", end).since
    if to_plan is not None and name_key(to_plan) != name_key(plan) and since <= change.when:
        yield "plan_behind_event", to_plan, plan, None


def _plan_events(telemetry: Telemetry, account: str) -> Iterator[Found]:
    grace = int(parameter(telemetry.inputs, "billing", "grace_days"))
    movements = telemetry.company.movements.by_month
    found = set()
    for change in plan_changes(telemetry, account):
        day = change.when.date()
        age = (telemetry.as_of - day).days
        name, kinds = MOVEMENTS[change.name]
        months = (month_of(day), next_month(month_of(day)))
        moved = {(account, k) for k in kinds} & {m for mo in months for m in movements.get(mo, {})}
        if grace <= age < LAST_DAYS and not moved:
            found.add(name)
    for name in found:
        yield name, ANY, ANY, None


def _trials(telemetry: Telemetry, account: str, imported: Decimal) -> Iterator[Found]:
    trials = [trial for trial in trials_of(telemetry) if trial.account == account]
    converted = [t for t in trials if trial_status(telemetry, t) == "converted"]
    if any(_is_unpaid(telemetry, trial) for trial in converted):
        yield "conversion_without_subscription", ANY, ANY, None
    is_refused = any(trial_status(telemetry, t) == "not_converted" for t in trials)
    if is_refused and imported > 0:
        yield "subscription_without_conversion", ANY, ANY, None


def _is_unpaid(telemetry: Telemetry, trial: Trial) -> bool:
    grace = int(parameter(telemetry.inputs, "billing", "grace_days"))
    ended_on = trial.end.when.date()
    if (telemetry.as_of - ended_on).days < grace:
        return False
    revenue = telemetry.company.revenue
    days = days_between(ended_on, telemetry.as_of)
    return not any(revenue.mrr(trial.account, day) > 0 for day in days)
