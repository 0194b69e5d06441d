"""Episodes: unbroken runs of days on which a signal holds, and what dismisses them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from tests.oracle.inputs import CompanyInputs, Row
from tests.oracle.signals import Held


@dataclass(frozen=True)
class Dismissal:
    external_org_id: str
    signal_type: str
    dismissed_at: date
    reason: str | None
    dismissed_by: str | None


@dataclass(frozen=True)
class Episode:
    """One run of days, the oldest first."""

    days: tuple[Held, ...]
    as_of: date
    dismissal: Dismissal | None

    @property
    def first(self) -> Held:
        return self.days[0]

    @property
    def last(self) -> Held:
        return self.days[-1]

    @property
    def closed_on(self) -> date | None:
        return None if self.last.day == self.as_of else self.last.day + timedelta(days=1)

    @cached_property
    def status(self) -> str:
        if self.closed_on is not None:
            return "resolved"
        return "dismissed" if self.dismissal else "active"


def dismissals_of(inputs: CompanyInputs) -> list[Dismissal]:
    newest: dict[tuple, Row] = {}
    for row in sorted(inputs.raw_rows("dismissal_versions"), key=lambda row: row["version_number"]):
        newest[row["external_org_id"], row["signal_type"], row["dismissed_at"]] = row
    return [
        Dismissal(*key, reason=row["reason"], dismissed_by=row["dismissed_by"])
        for key, row in newest.items()
    ]


def episodes_of(inputs: CompanyInputs, held: list[Held]) -> list[Episode]:
    series: dict[tuple, list[Held]] = defaultdict(list)
    for day in held:
        series[day.scope, day.external_org_id, day.signal_type].append(day)
    dismissals = [d for d in dismissals_of(inputs) if d.dismissed_at <= inputs.as_of]
    return [
        Episode(tuple(run), inputs.as_of, _dismissal(run, dismissals))
        for days in series.values()
        for run in _runs(sorted(days, key=lambda held_day: held_day.day))
    ]


def _runs(days: list[Held]) -> list[list[Held]]:
    runs: list[list[Held]] = []
    for held_day in days:
        if not runs or held_day.day - runs[-1][-1].day > timedelta(days=1):
            runs.append([])
        runs[-1].append(held_day)
    return runs


def _dismissal(run: list[Held], dismissals: list[Dismissal]) -> Dismissal | None:
    """The earliest one dated within the episode, of its organization and signal type."""
    first, last = run[0], run[-1]
    within = [
        dismissal
        for dismissal in dismissals
        if dismissal.external_org_id == first.external_org_id
        and dismissal.signal_type == first.signal_type
        and first.day <= dismissal.dismissed_at <= last.day
    ]
    return min(within, key=lambda dismissal: dismissal.dismissed_at, default=None)
