"""The value of a trait at a time."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from tests.oracle.calls.known import KnownCall


class Version(NamedTuple):
    """A value from a time on, and the call that set it; None: no value from then on."""

    since: datetime
    value: Any
    call: KnownCall


class TraitHistory:
    """Versions of the traits of entities; event time decides, never arrival."""

    def __init__(self, calls: Iterable[tuple[str, KnownCall]]):
        by_entity: dict[str, list[KnownCall]] = defaultdict(list)
        for entity, call in calls:
            if call.traits_sent:
                by_entity[entity].append(call)
        self.versions: dict[tuple[str, str], list[Version]] = defaultdict(list)
        for entity, entity_calls in by_entity.items():
            self._add(entity, sorted(entity_calls, key=lambda call: call.order))

    def _add(self, entity: str, calls: list[KnownCall]) -> None:
        values: dict[str, Any] = {}
        for call in calls:
            before = dict(values)
            traits = call.traits_sent
            if traits.get("clear"):
                values.clear()
            for name in traits.get("unset", ()):
                values.pop(name, None)
            values |= traits.get("set", {})
            for name, value in traits.get("set_once", {}).items():
                values.setdefault(name, value)
            for name in before.keys() | values.keys():
                if trait_text(before.get(name)) != trait_text(values.get(name)):
                    self._version(entity, name, Version(call.occurred_at, values.get(name), call))

    def _version(self, entity: str, name: str, new: Version) -> None:
        versions = self.versions[entity, name]
        if versions and versions[-1].since == new.since:
            versions.pop()
        last = versions[-1].value if versions else None
        if trait_text(last) != trait_text(new.value):
            versions.append(new)

    def at(self, entity: str, name: str, when: datetime) -> Any:
        """The newest version at or before a time; before the first value, the first value."""
        versions = self.versions.get((entity, name), [])
        values = [version for version in versions if version.value is not None]
        if not values:
            return None
        if when < values[0].since:
            return values[0].value
        return self.state_at(entity, name, when)

    def version_at(self, entity: str, name: str, when: datetime) -> Version | None:
        """The newest version at or before a time, where it is a value."""
        known = [v for v in self.versions.get((entity, name), []) if v.since <= when]
        return known[-1] if known and known[-1].value is not None else None

    def state_at(self, entity: str, name: str, when: datetime) -> Any:
        """What the newest version at or before a time says: nothing before the first."""
        version = self.version_at(entity, name, when)
        return None if version is None else version.value

    def values_of(self, entity: str, when: datetime) -> dict[str, Any]:
        """All traits of an entity at a time."""
        names = {name for owner, name in self.versions if owner == entity}
        found = {name: self.state_at(entity, name, when) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def text_at(self, entity: str, name: str, when: datetime) -> str | None:
        """The value as text: texts plain, other values as compact JSON."""
        return trait_text(self.at(entity, name, when))


def trait_text(value: Any) -> str | None:
    """Texts as they are, other values as compact JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
