"""``make bench-quick``: ratios of a small size against those that were recorded."""

import json
from pathlib import Path

from benchmarks.ratios import GUARDED
from benchmarks.results import Figures

RECORDED = Path(__file__).with_name("recorded.json")
MARGIN = 0.3
"""A ratio may be so much above the recorded one: repeated runs differ by up to a fifth."""


def guarded(figures: Figures) -> dict[str, float]:
    """Ratios of processor seconds, which a busy machine changes less than those on the clock."""
    values = {ratio.name: ratio.value(figures, "cpu") for ratio in GUARDED}
    return {name: round(value, 2) for name, value in values.items() if value is not None}


def slower(measured: dict[str, float], recorded: dict[str, float]) -> list[str]:
    """One sentence per stage that got slower than the margin allows, with what to run next."""
    return [
        f"{name} takes {measured[name]:.2f} times its limit, {value:.2f} were recorded"
        f" (+{measured[name] / value - 1:.0%}, allowed {MARGIN:.0%}). See which part:"
        f" python -m benchmarks run --events 1000000 --stages {_stages(name)}. If it is meant:"
        " python -m benchmarks quick --record"
        for name, value in recorded.items()
        if name in measured and measured[name] > value * (1 + MARGIN)
    ]


def read_recorded() -> dict[str, float]:
    """The ratios of the last record."""
    return json.loads(RECORDED.read_text("utf-8"))


def record(measured: dict[str, float]) -> None:
    """Make the measured ratios those to compare with."""
    RECORDED.write_text(json.dumps(measured, indent=2) + "\n", "utf-8")


def _stages(name: str) -> str:
    stages = ("load", "transform", "publish")
    stage = next(stage for stage in stages if name.startswith(stage))
    return ",".join(stages[: stages.index(stage) + 1])
