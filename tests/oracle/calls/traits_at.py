"""The value of a trait at a time."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.oracle.calls.known import KnownCall

Version = tuple[datetime, Any]


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
                if _text(before.get(name)) != _text(values.get(name)):
                    self._version(entity, name, call.occurred_at, values.get(name))

    def _version(self, entity: str, name: str, since: datetime, value: Any) -> None:
        versions = self.versions[entity, name]
        if versions and versions[-1][0] == since:
            versions.pop()
        last = versions[-1][1] if versions else None
        if _text(last) != _text(value):
            versions.append((since, value))

    def at(self, entity: str, name: str, when: datetime) -> Any:
        """The newest version at or before a time; before the first value, the first value."""
        versions = self.versions.get((entity, name), [])
        values = [version for version in versions if version[1] is not None]
        if not values:
            return None
        if when < values[0][0]:
            return values[0][1]
        return [value for since, value in versions if since <= when][-1]

    def text_at(self, entity: str, name: str, when: datetime) -> str | None:
        """The value as text: texts plain, other values as compact JSON."""
        return _text(self.at(entity, name, when))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
