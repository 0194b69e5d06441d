"""Companies that a gate holds back, and why: they keep what was published of them last.

Each stage of a run (its checks of loads, its build, its recount) notes its own; who publishes reads
them all.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from orchestration.state.run_memory import RunMemory

Stage = Literal["load", "build", "recount"]
Causes = dict[str, list[str]]
"""Company -> why its new figures are not published, one sentence per cause."""

_HELD_BACK = "held_back"
_LEFT_OUT = "left_out"


def hold_back(memory: RunMemory, stage: Stage, causes: Mapping[str, Sequence[str]]) -> None:
    """Note whom a stage holds back, in place of those it did before; without any, nobody."""
    known = memory.get(_HELD_BACK) or {}
    memory.set(_HELD_BACK, {**known, stage: {name: list(why) for name, why in causes.items()}})


def leave_out(memory: RunMemory, companies: Collection[str]) -> None:
    """Note the companies that the marts have nothing of, because their rows break a model."""
    memory.set(_LEFT_OUT, sorted(companies))


def left_out(memory: RunMemory) -> list[str]:
    """The companies that the last build left out."""
    return memory.get(_LEFT_OUT) or []


def to_build_again(memory: RunMemory) -> list[str]:
    """Companies whose figures the last build or recount found wrong.

    What is written once and then only continued would not be looked at a second time. Those that
    were left out come back by themselves, as companies that are new.
    """
    known = memory.get(_HELD_BACK) or {}
    found = {*known.get("build", ()), *known.get("recount", ())}
    return sorted(found - set(left_out(memory)))


def held_back(memory: RunMemory, registered: Collection[str]) -> Causes:
    """The registered companies that any stage holds back, by name. Others have nothing to keep."""
    causes: Causes = {}
    for stage in (memory.get(_HELD_BACK) or {}).values():
        for company_id, why in stage.items():
            if company_id in registered:
                causes.setdefault(company_id, []).extend(why)
    return dict(sorted(causes.items()))
