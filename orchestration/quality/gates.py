"""Suites run on their profiles; a profile that was looked at before has its verdict already.

So Great Expectations, which takes seconds to import, is imported for new profiles only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ingestion.settings import Settings
from orchestration.platform.progress import Reporter
from orchestration.quality.suites import AnySuite, Profile, Verdict
from orchestration.state.run_memory import RunMemory

_VERDICTS = "quality_verdicts"


def verdicts_on(
    settings: Settings,
    profiles: Mapping[AnySuite, Profile],
    reporter: Reporter,
    stage: str,
    context: object = None,
) -> dict[AnySuite, Verdict]:
    """The verdict on each profile. ``context`` holds the limits that expectations refer to.

    The reporter hears of the ``stage`` if there is anything that was not looked at before.
    """
    memory = RunMemory(settings)
    stages: dict[str, Any] = memory.get(_VERDICTS) or {}
    known = {suite.name: stages.get(stage, {}).get(suite.name, {}) for suite in profiles}
    digests = {suite: profile.digest(context) for suite, profile in profiles.items()}
    new = {
        suite: profile
        for suite, profile in profiles.items()
        if known[suite.name].get("digest") != digests[suite]
    }
    if new:
        reporter.stage(stage, len(new))
        from orchestration.quality.validation import validate

        for suite, verdict in validate(settings, new, reporter.advance).items():
            known[suite.name] = {"digest": digests[suite], "verdict": asdict(verdict)}
    if known != stages.get(stage):
        memory.set(_VERDICTS, {**stages, stage: known})
    return {suite: _verdict(known[suite.name]["verdict"]) for suite in profiles}


def causes_of(verdicts: Iterable[Verdict]) -> dict[str, list[str]]:
    """Whom the verdicts hold back, and why."""
    causes: dict[str, list[str]] = {}
    for verdict in verdicts:
        for company_id, why in verdict.causes.items():
            causes.setdefault(company_id, []).extend(why)
    return causes


def remembered(memory: RunMemory) -> dict[str, Verdict]:
    """The last verdict of every suite that had something to look at, by its name."""
    stages: dict[str, Any] = memory.get(_VERDICTS) or {}
    return {
        name: _verdict(facts["verdict"])
        for known in stages.values()
        for name, facts in known.items()
    }


def _verdict(facts: Mapping[str, Any]) -> Verdict:
    lists = {name: tuple(facts[name]) for name in ("errors", "warnings", "companies")}
    return Verdict(**{**facts, **lists})
