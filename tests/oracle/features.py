"""Features: which events count as using one, and which are defined where."""

from collections.abc import Iterable
from functools import cache

from tests.oracle.events import Event
from tests.oracle.inputs import ALL, CompanyInputs, Row


@cache
def matches(pattern: str, value: str) -> bool:
    """Whether a text matches a pattern in which ``*`` stands for any run of characters."""
    if not pattern:
        return not value
    if pattern[0] == "*":
        return any(matches(pattern[1:], value[start:]) for start in range(len(value) + 1))
    return bool(value) and value[0] == pattern[0] and matches(pattern[1:], value[1:])


def uses(event: Event, definition: Row) -> bool:
    """Whether the event counts as using the feature that the definition row describes."""
    if definition["app_id"] not in ("*", event.app_id):
        return False
    if definition["match_event"] and not matches(definition["match_event"], event.event):
        return False
    if not definition["match_path"]:
        return True
    return event.path is not None and matches(definition["match_path"], event.path)


def features_by_event(
    events: Iterable[Event], inputs: CompanyInputs
) -> dict[Event, frozenset[str]]:
    return {
        event: frozenset(row["feature_key"] for row in inputs.features if uses(event, row))
        for event in events
    }


def defined_features(inputs: CompanyInputs, scope: str) -> set[str]:
    """Feature keys of one application (with its ``*`` rows) or, for ``all``, of the company."""
    return {
        row["feature_key"]
        for row in inputs.features
        if scope == ALL or row["app_id"] in ("*", scope)
    }
