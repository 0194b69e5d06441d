"""Health: five components, each linear between two points, and the band of their mean."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property

from tests.oracle.exact import ratio, round_half_up
from tests.oracle.features import defined_features
from tests.oracle.inputs import COMPONENTS, CompanyInputs, HealthComponent
from tests.oracle.windows import DayMetrics

FULL = Fraction(100)


@dataclass(frozen=True)
class Component:
    """One component on one day; all null where it cannot be measured.

    ``measure`` alone is null where a ratio has no divisor but the score is defined.
    """

    component: str
    measure: Fraction | None = None
    component_score: Fraction | None = None
    weight: Fraction | None = None

    @property
    def contribution(self) -> Fraction | None:
        if self.weight is None:
            return None
        return self.weight * self.component_score / 100

    @property
    def points_lost(self) -> Fraction | None:
        return None if self.weight is None else self.weight - self.contribution


@dataclass(frozen=True)
class Health:
    """Score, band and what cost most, of one organization on one day."""

    components: tuple[Component, ...]
    is_recently_active: bool
    band_minimums: tuple[tuple[Fraction, str], ...]

    @cached_property
    def score(self) -> Decimal | None:
        if not self.components:
            return None
        parts = [c.contribution for c in self.components if c.contribution is not None]
        return round_half_up(sum(parts), 1)

    @cached_property
    def band(self) -> str:
        if not self.is_recently_active:
            return "no_recent_activity"
        return next(band for minimum, band in self.band_minimums if self.score >= minimum)

    @cached_property
    def main_driver(self) -> str | None:
        losses = [c for c in self.components if c.points_lost]
        if not losses:
            return None
        return max(losses, key=lambda c: c.points_lost).component


class HealthModel:
    """A company's model, with the feature count of each scope."""

    def __init__(self, inputs: CompanyInputs):
        self.inputs = inputs
        self._of_measures = cache(self._compute)

    def health(self, scope: str, metrics: DayMetrics) -> Health:
        defined = len(defined_features(self.inputs, scope))
        return self._of_measures(
            metrics.days_since_last_seen,
            metrics.active_days_30d,
            (metrics.events_30d, metrics.events_previous_30d),
            (metrics.features_used_30d, defined),
            (metrics.active_users_30d, metrics.active_users_30d_earlier),
        )

    def _compute(self, recency, frequency, trend, breadth, users) -> Health:
        bands = tuple(self.inputs.band_minimums)
        if recency is None:
            return Health((), is_recently_active=False, band_minimums=bands)
        model = self.inputs.health_model
        scores = {
            "recency": (Fraction(recency), linear(recency, model["recency"])),
            "frequency": (Fraction(frequency), linear(frequency, model["frequency"])),
            "trend": growth(*trend, model["trend"]),
        }
        if breadth[1]:
            share = ratio(*breadth)
            scores["breadth"] = (share, linear(share, model["breadth"]))
        if users[0] is not None:
            scores["users"] = growth(*users, model["users"])

        total_weight = sum(model[component].weight for component in scores)
        components = tuple(
            Component(name, *scores[name], model[name].weight * 100 / total_weight)
            if name in scores
            else Component(name)
            for name in COMPONENTS
        )
        return Health(components, trend[0] > 0, bands)


def linear(measure: Fraction | int, points: HealthComponent) -> Fraction:
    """0..100 between the two points, clamped; either point may be the larger."""
    span = points.score_100_at - points.score_0_at
    share = (Fraction(measure) - points.score_0_at) / span
    return FULL * min(max(share, Fraction(0)), Fraction(1))


def growth(last: int, earlier: int, points: HealthComponent) -> tuple:
    """(measure, score) of a ratio of two counts: from nothing to something is full marks."""
    measure = ratio(last, earlier)
    if measure is None:
        return None, FULL if last > 0 else Fraction(0)
    return measure, linear(measure, points)
