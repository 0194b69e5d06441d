"""Every figure as a ratio: to the limit of its stage, or to the whole run."""

from dataclasses import dataclass

from benchmarks.results import Figures

LIMITS = ("limit load", "limit transform", "limit publish")


@dataclass(frozen=True)
class Ratio:
    """A stage over what it is held against, less what a build costs that has nothing to do."""

    name: str
    stage: str
    against: tuple[str, ...]
    goal: float | None
    less: str | None = None

    def value(self, figures: Figures, field: str = "wall") -> float | None:
        """None where one of the stages was not measured."""
        needed = [self.stage, *self.against, *([self.less] if self.less else [])]
        if any(stage not in figures for stage in needed):
            return None
        own = figures[self.stage][field] - (figures[self.less][field] if self.less else 0)
        return own / sum(figures[stage][field] for stage in self.against)


RATIOS = (
    Ratio("load, NDJSON", "load", ("limit load",), 2.5),
    Ratio("load, Parquet", "parquet", ("limit parquet",), 2.5),
    Ratio("transform", "transform", ("limit transform",), None),
    Ratio(
        "transform without dbt's start",
        "transform",
        ("limit transform",),
        2.0,
        "transform nothing new",
    ),
    Ratio("publish", "publish", ("limit publish",), None),
    Ratio("run from files to served marts", "run", LIMITS, 3.5),
    Ratio("run after one more day", "run one more day", ("run",), 0.2),
    Ratio("run after a late file", "run late file", ("run",), 0.2),
    Ratio("run with nothing new", "run nothing new", ("run",), None),
    Ratio("run with the next as-of date", "run next as-of date", ("run",), None),
    Ratio("run --full-refresh", "run full refresh", ("run",), 1.0),
)

GUARDED = tuple(ratio for ratio in RATIOS if ratio.name in ("load, NDJSON", "transform", "publish"))
"""The ratios of ``make bench-quick``."""
