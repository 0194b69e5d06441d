"""One company computed whole: what the expected rows of every mart are read from."""

from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from tests.oracle.calls.accounts import Accounts
from tests.oracle.calls.events import call_events
from tests.oracle.calls.known import calls_that_count
from tests.oracle.days import days_between
from tests.oracle.episodes import Episode, episodes_of
from tests.oracle.events import Event, event_contents, events_that_count, losers
from tests.oracle.health import Health, HealthModel
from tests.oracle.inputs import ALL, CompanyInputs
from tests.oracle.movements import Movements
from tests.oracle.mrr import Revenue
from tests.oracle.sessions import Session, sessions_of
from tests.oracle.signals import RISKS, Held, Scanner, fleet_ratio, fleet_usage
from tests.oracle.windows import DayMetrics, Usage, organization_days

ScopedDay = tuple[str, str, date]


class Company:
    """Everything that the definitions say about one company on its as-of date."""

    def __init__(self, inputs: CompanyInputs):
        self.inputs = inputs
        self.as_of = inputs.as_of

    @cached_property
    def events(self) -> list[Event]:
        found = events_that_count(self.inputs) + call_events(self.accounts)
        return sorted(found, key=lambda event: event.order)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.inputs, calls_that_count(self.inputs), self.first_imports)

    @cached_property
    def lost_contents(self) -> list[Event]:
        return losers(event_contents(self.inputs))

    @cached_property
    def sessions(self) -> list[Session]:
        return sessions_of(self.events, self.inputs.applications)

    @cached_property
    def usage(self) -> Usage:
        return Usage(self.inputs, self.events, self.sessions)

    @cached_property
    def revenue(self) -> Revenue:
        return Revenue(self.inputs)

    @cached_property
    def movements(self) -> Movements:
        return Movements(self.revenue)

    @cached_property
    def first_imports(self) -> dict[str, datetime]:
        first: dict[str, datetime] = {}
        for row in sorted(
            self.inputs.raw_rows("organization_versions"),
            key=lambda row: row["version_number"],
        ):
            first.setdefault(row["external_org_id"], row["valid_from"])
        return first

    @cached_property
    def imported_names(self) -> dict[str, str]:
        """The newest name of every imported organization."""
        return {
            row["external_org_id"]: row["display_name"]
            for row in sorted(
                self.inputs.raw_rows("organization_versions"),
                key=lambda row: row["version_number"],
            )
        }

    @cached_property
    def display_names(self) -> dict[str, str]:
        """The imported name, else the account's trait ``name`` on D."""
        groups, end_of_day = self.accounts.groups, datetime.combine(self.as_of, time.max)
        traits = {g: groups.traits.text_at(g, "name", end_of_day) for g in groups.defined}
        return {group: name for group, name in traits.items() if name} | self.imported_names

    @cached_property
    def organizations(self) -> list[str]:
        """Imported or event-derived."""
        seen = {event.external_org_id for event in self.events}
        return sorted(seen | self.first_imports.keys())

    @cached_property
    def metrics(self) -> dict[ScopedDay, DayMetrics]:
        imported_on = {org: moment.date() for org, moment in self.first_imports.items()}
        days = organization_days(self.usage, imported_on, self.revenue.first_mrr_days(), self.as_of)
        return {
            (scope, org, day): self.usage.metrics(scope, org, day)
            for (scope, org), scoped_days in days.items()
            for day in scoped_days
        }

    @cached_property
    def health(self) -> dict[ScopedDay, Health]:
        model = HealthModel(self.inputs)
        return {key: model.health(key[0], metrics) for key, metrics in self.metrics.items()}

    @cached_property
    def metrics_on_d(self) -> dict[str, DayMetrics]:
        """Over all applications, also of organizations that have no row on D yet."""
        return {org: self.usage.metrics(ALL, org, self.as_of) for org in self.organizations}

    @cached_property
    def health_on_d(self) -> dict[str, Health]:
        model = HealthModel(self.inputs)
        return {org: model.health(ALL, m) for org, m in self.metrics_on_d.items()}

    @cached_property
    def first_scanned_day(self) -> date | None:
        if self.usage.company_first_day is not None:
            return self.usage.company_first_day
        return min(self.revenue.first_mrr_days().values(), default=None)

    @cached_property
    def fleet(self) -> dict[tuple[str, date], tuple[int, Fraction | None]]:
        """By scope and day: organizations of the fleet, and their median usage ratio."""
        days: dict[tuple[str, date], list[DayMetrics]] = {}
        for (scope, _, day), metrics in self.metrics.items():
            days.setdefault((scope, day), []).append(metrics)
        return {key: fleet_usage(self.inputs, found) for key, found in days.items()}

    @cached_property
    def held(self) -> list[Held]:
        if self.first_scanned_day is None:
            return []
        scoped: dict[date, list[tuple[str, str]]] = {}
        for scope, org, day in self.metrics:
            scoped.setdefault(day, []).append((scope, org))
        scanner = Scanner(self.inputs)
        return [
            signal
            for day in days_between(self.first_scanned_day, self.as_of)
            for scope, org in scoped.get(day, ())
            for signal in scanner.scan(
                scope,
                org,
                day,
                self.metrics[scope, org, day],
                self.health[scope, org, day].score,
                self.revenue.by_organization(day),
                fleet_ratio(self.fleet[scope, day][1]),
            )
        ]

    @cached_property
    def episodes(self) -> list[Episode]:
        return episodes_of(self.inputs, self.held)

    def active_signals(self, scope: str, org: str) -> list[Held]:
        """The last day of every active episode, by type."""
        active = [
            episode.last
            for episode in self.episodes
            if episode.status == "active"
            and (episode.first.scope, episode.first.external_org_id) == (scope, org)
        ]
        return sorted(active, key=lambda held: held.signal_type)

    def priority(self, org: str) -> Decimal | None:
        return max((s.priority for s in self.active_signals(ALL, org)), default=None)

    def case_type(self, org: str) -> str | None:
        types = {signal.signal_type for signal in self.active_signals(ALL, org)}
        if not types:
            return None
        never_seen = self.metrics_on_d[org].last_seen_at is None
        if never_seen and self.revenue.mrr(org, self.as_of) > 0:
            return "onboarding"
        return "risk" if types & set(RISKS) else "expansion"
