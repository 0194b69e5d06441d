"""Expected rows of all marts of the telemetry standard."""

from collections.abc import Callable
from functools import cached_property

from tests.oracle.company import Company
from tests.oracle.inputs import Row
from tests.oracle.tracking.accounts import accounts
from tests.oracle.tracking.billing import billing_discrepancies
from tests.oracle.tracking.groups import group_metrics_daily, groups
from tests.oracle.tracking.history import group_hierarchy, trait_history
from tests.oracle.tracking.issues import tracking_plan_issues
from tests.oracle.tracking.lifecycle import invitations, trials
from tests.oracle.tracking.mtu import mtu_monthly
from tests.oracle.tracking.people import People, user_accounts, users
from tests.oracle.tracking.plan_marts import tracking_plan_events
from tests.oracle.tracking.quality import telemetry_quality
from tests.oracle.tracking.telemetry import Telemetry


class Tracking:
    """One company, with what several marts are made of computed once."""

    def __init__(self, company: Company):
        self.telemetry = Telemetry(company)

    @cached_property
    def people(self) -> People:
        return People(self.telemetry)

    @cached_property
    def invitations(self) -> list[Row]:
        return invitations(self.telemetry, self.people)

    @cached_property
    def months(self) -> list[Row]:
        return mtu_monthly(self.telemetry)


TRACKING_MARTS: dict[str, Callable[[Tracking], list[Row]]] = {
    "trait_history": lambda t: trait_history(t.telemetry),
    "group_hierarchy": lambda t: group_hierarchy(t.telemetry),
    "tracking_plan_events": lambda t: tracking_plan_events(t.telemetry),
    "users": lambda t: users(t.telemetry, t.people),
    "user_accounts": lambda t: user_accounts(t.telemetry, t.people),
    "tracking_plan_issues": lambda t: tracking_plan_issues(t.telemetry, t.people),
    "groups": lambda t: groups(t.telemetry),
    "mtu_monthly": lambda t: t.months,
    "trials": lambda t: trials(t.telemetry),
    "invitations": lambda t: t.invitations,
    "group_metrics_daily": lambda t: group_metrics_daily(t.telemetry),
    "accounts": lambda t: accounts(t.telemetry, t.invitations),
    "billing_discrepancies": lambda t: billing_discrepancies(t.telemetry),
    "telemetry_quality": lambda t: telemetry_quality(
        t.telemetry, t.people, t.months, t.invitations
    ),
}
