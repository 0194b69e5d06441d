"""Changes of the health band in the last 30 days, and what moved the score."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from tests.oracle.company import Company
from tests.oracle.days import ONE_DAY
from tests.oracle.exact import round_half_up
from tests.oracle.health import Component, Health
from tests.oracle.inputs import BANDS, Row
from tests.oracle.windows import WINDOW


@dataclass(frozen=True)
class Change:
    """One day on which an organization's band is another one than on the day before."""

    scope: str
    external_org_id: str
    changed_on: date
    compared_on: date
    band_before: str
    before: Health
    after: Health
    is_current: bool

    @property
    def key(self) -> Row:
        return {
            "app_id": self.scope,
            "external_org_id": self.external_org_id,
            "changed_on": self.changed_on,
            "compared_on": self.compared_on,
        }

    @cached_property
    def score_change(self) -> Decimal | None:
        if self.before.score is None or self.after.score is None:
            return None
        return self.after.score - self.before.score

    @cached_property
    def moves(self) -> list[tuple[Component, Component, Fraction | None]]:
        """Every component before and after, and the points that it gained."""
        if self.score_change is None:
            return []
        return [
            (old, new, None if old.weight is None else new.contribution - old.contribution)
            for old, new in zip(self.before.components, self.after.components, strict=True)
        ]

    @property
    def main_mover(self) -> str | None:
        """Furthest in the direction of the score; the first of equal ones."""
        direction = self.score_change and (1 if self.score_change > 0 else -1)
        moved = [(new, direction * gained) for _, new, gained in self.moves if gained and direction]
        ahead = [(component, points) for component, points in moved if points > 0]
        return max(ahead, key=lambda move: move[1])[0].component if ahead else None

    @property
    def in_words(self) -> str | None:
        named = [
            f"{new.component} {round_half_up(gained, 1):+}"
            for _, new, gained in self.moves
            if gained and round_half_up(gained, 1)
        ]
        return ", ".join(sorted(named)) or None


def changes(company: Company) -> Iterator[Change]:
    """Every change after D-30."""
    first_day = company.as_of - timedelta(days=WINDOW - 1)
    for (scope, org, day), after in company.health.items():
        yesterday = company.health.get((scope, org, day - ONE_DAY))
        if day < first_day or yesterday is None or yesterday.band == after.band:
            continue
        compared_on = _compared_on(company, scope, org, day)
        later = [
            company.health[scope, org, day + timedelta(days=ahead)].band
            for ahead in range(1, (company.as_of - day).days + 1)
        ]
        yield Change(
            scope,
            org,
            day,
            compared_on,
            yesterday.band,
            company.health[scope, org, compared_on],
            after,
            is_current=all(band == after.band for band in later),
        )


def _compared_on(company: Company, scope: str, org: str, changed_on: date) -> date:
    """The first day in the band before the change, but at most 30 days before it."""
    day = changed_on - ONE_DAY
    band = company.health[scope, org, day].band
    while (changed_on - day).days < WINDOW:
        earlier = company.health.get((scope, org, day - ONE_DAY))
        if earlier is None or earlier.band != band:
            break
        day -= ONE_DAY
    return day


def organization_health_changes(company: Company) -> list[Row]:
    return [
        {
            **change.key,
            "health_band_before": change.band_before,
            "health_band": change.after.band,
            "direction": (
                "improved"
                if BANDS.index(change.after.band) < BANDS.index(change.band_before)
                else "declined"
            ),
            "health_score_before": change.before.score,
            "health_score": change.after.score,
            "health_score_change": change.score_change,
            "main_mover": change.main_mover,
            "moves": change.in_words,
            "is_current": change.is_current,
        }
        for change in changes(company)
    ]


def organization_health_change_components(company: Company) -> list[Row]:
    return [
        {
            **change.key,
            "component": new.component,
            "measure_before": old.measure,
            "measure": new.measure,
            "component_score_before": old.component_score,
            "component_score": new.component_score,
            "weight": new.weight,
            "contribution_before": old.contribution,
            "contribution": new.contribution,
            "contribution_change": gained,
        }
        for change in changes(company)
        for old, new, gained in change.moves
    ]
