"""Expected rows of the mart of the six anti-patterns: measure and status."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from tests.oracle.days import last_day_of_month, month_of, previous_month
from tests.oracle.exact import ratio
from tests.oracle.inputs import ALL, Row
from tests.oracle.tracking.named import has_own_name
from tests.oracle.tracking.people import People
from tests.oracle.tracking.rules import parameter
from tests.oracle.tracking.telemetry import Telemetry

NOT_MEASURED = "not_measured"
GOOD, WARNING, BAD = "good", "warning", "bad"
NO_ORGANIZATION = "customer_org_id_missing"


class Quality:
    """The six rows of one scope."""

    def __init__(self, people: People, scope: str, months: dict, has_matched_invitation: bool):
        self.telemetry, self.people, self.scope = people.telemetry, people, scope
        self.apps = self.telemetry.scopes[scope]
        self.months = months
        self.has_matched_invitation = has_matched_invitation

    def rows(self) -> list[Row]:
        measures = {
            "missing_account_context": self._without_context(),
            "user_centric_only": self._known_by_id_alone(),
            "roles_unknown": self._without_role(),
        }
        statuses = {rule: self._share_status(rule, share) for rule, share in measures.items()}
        for category in ("collaboration", "billing"):
            seen = self._seen(category)
            rule = f"missing_{category}"
            measures[rule] = Fraction(seen)
            statuses[rule] = GOOD if seen >= 2 else WARNING if seen == 1 else BAD
        row = self._last_whole_month()
        measures["per_user_tracking"] = row and row["reduction"]
        statuses["per_user_tracking"] = self._decision(row, measures["roles_unknown"])
        return [
            {
                "app_id": self.scope,
                "rule": rule,
                "measure": measures[rule],
                "status": statuses[rule],
                "as_of_date": self.telemetry.as_of,
            }
            for rule in statuses
        ]

    def _parameter(self, rule: str, name: str) -> Fraction:
        return parameter(self.telemetry.inputs, rule, name)

    def _share_status(self, rule: str, share: Fraction | None) -> str:
        if share is None:
            return NOT_MEASURED
        if share < self._parameter(rule, "warning_at"):
            return GOOD
        return WARNING if share < self._parameter(rule, "bad_at") else BAD

    def _without_context(self) -> Fraction | None:
        telemetry = self.telemetry
        sent = [
            s.has_own_context
            for s in telemetry.sent
            if s.app_id in self.apps and telemetry.is_in_last(30, s.when.date())
        ]
        sent += [False] * len(list(self._rejected()))
        return ratio(sent.count(False), len(sent))

    def _rejected(self) -> Iterable[Row]:
        """Rejected rows without an organization, by the time of their file."""
        inputs = self.telemetry.inputs
        files = {(r["path"], r["load_id"]): r for r in inputs.raw_rows("loaded_files")}
        for row in inputs.raw_rows("rejected_rows"):
            day = files[row["path"], row["load_id"]]["modified_at"].date()
            is_open = row["resolved_at"] is None and row["app_id"] in self.apps
            reasons = row["reasons"].split(",")
            if is_open and NO_ORGANIZATION in reasons and self.telemetry.is_in_last(30, day):
                yield row

    def _known_by_id_alone(self) -> Fraction | None:
        telemetry = self.telemetry
        active = {
            event.external_org_id
            for event in telemetry.company.events
            if event.app_id in self.apps and telemetry.is_in_last(30, event.occurred_on)
        }
        nameless = sum(not has_own_name(telemetry, org) for org in active)
        return ratio(nameless, len(active))

    def _seen(self, category: str) -> int:
        telemetry = self.telemetry
        return len(
            {
                sent.name
                for sent in telemetry.sent
                if sent.app_id in self.apps
                and sent.planned is not None
                and sent.planned["category"] == category
                and telemetry.is_in_last(90, sent.when.date())
            }
        )

    def _without_role(self) -> Fraction | None:
        """Of pairs of an active user and an account, those in which the role is unknown."""
        telemetry, people = self.telemetry, self.people
        if not any(call.app_id in self.apps for call in telemetry.calls):
            return None
        pairs = {
            pair
            for pair, events in people.by_account.items()
            if any(e.app_id in self.apps for e in people.events_30d(events))
        }
        return ratio(sum(people.role(*pair) is None for pair in pairs), len(pairs))

    def _last_whole_month(self) -> Row | None:
        as_of = self.telemetry.as_of
        month = month_of(as_of)
        if last_day_of_month(month) > as_of:
            month = previous_month(month)
        return self.months.get((self.scope, month))

    def _decision(self, row: Row | None, unknown: Fraction | None) -> str:
        """Whether users should be tracked one by one."""
        if row is None:
            return NOT_MEASURED
        if row["identity_mode"] == "instance":
            return GOOD
        if row["reduction"] is None:
            return NOT_MEASURED
        rule = "per_user_tracking"
        is_small = row["users_per_account"] < self._parameter(rule, "min_users_per_account")
        if is_small or row["reduction"] < self._parameter(rule, "min_reduction"):
            return GOOD
        known = None if unknown is None else 1 - unknown
        knows_roles = known is not None and known >= self._parameter(rule, "max_known_roles")
        is_asked = knows_roles or self.has_matched_invitation or self._weighs_users()
        return WARNING if is_asked else BAD

    def _weighs_users(self) -> bool:
        inputs = self.telemetry.inputs
        return any(
            row["company_id"] == inputs.company_id
            and row["component"] == "users"
            and Fraction(row["weight"]) > 0
            for row in inputs.seeds["health_model"]
        )


def telemetry_quality(
    telemetry: Telemetry, people: People, months: list[Row], invitations: list[Row]
) -> list[Row]:
    by_month: dict[tuple[str, date], Row] = {(r["app_id"], r["month"]): r for r in months}
    joined = any(row["match"] is not None for row in invitations)
    scopes = [ALL, *telemetry.inputs.applications]
    return [row for scope in scopes for row in Quality(people, scope, by_month, joined).rows()]
