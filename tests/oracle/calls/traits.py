"""Traits of identify and group calls: canonical names, and what is done to each."""

from typing import Any

from tests.oracle.calls.privacy import PersonalNames
from tests.oracle.calls.values import is_present, name_key

Traits = dict[str, Any]


class TraitReader:
    """Reads traits of users or of groups with the names and the policy of a company."""

    def __init__(self, other_names: dict[str, str], names: PersonalNames | None):
        self.other_names = other_names
        self.names = names

    def read(self, operations: list[tuple[str, Any]], is_group: bool) -> Traits:
        """``set``, ``set_once``, ``unset``, ``clear``, each left out where it is empty."""
        named: dict[str, dict[str, Any]] = {"set": {}, "set_once": {}}
        unset: set[str] = set()
        clears = False
        for operation, sent in operations:
            if operation == "clear":
                clears = True
            elif operation == "unset":
                unset |= {self.canonical(name) for name in _names(sent)}
            elif operation == "context":
                named["set"] = self._flat(sent, is_group)
            else:
                # Of two places the later one is the more direct: traits over context.traits.
                named[operation] = {**named[operation], **self._flat(sent, is_group)}
        for operation in ("set", "set_once"):
            unset |= {name for name, value in named[operation].items() if value in (None, "")}
            named[operation] = {
                name: self._stored(name, value, is_group)
                for name, value in named[operation].items()
                if value not in (None, "")
            }
        found = {**named, "unset": sorted(unset), "clear": clears}
        return {name: value for name, value in found.items() if value}

    def canonical(self, name: str) -> str:
        key = name_key(name)
        return self.other_names.get(key, key)

    def _flat(self, sent: Any, is_group: bool) -> dict[str, Any]:
        """By canonical name; of two sent names the canonically spelled one, else the smaller."""
        if not isinstance(sent, dict):
            return {}
        found: dict[str, tuple[bool, str, Any]] = {}
        for name, value in sent.items():
            parts = {name: value}
            if isinstance(value, dict) and not self._is_kept_whole(name, is_group):
                parts = {f"{name}_{part}": _Nested(part, inner) for part, inner in value.items()}
            for full_name, part in parts.items():
                key = self.canonical(full_name)
                candidate = (full_name != key, full_name, part)
                if key not in found or candidate[:2] < found[key][:2]:
                    found[key] = candidate
        return {
            key: part.value if isinstance(part, _Nested) and part.value in (None, "") else part
            for key, (_, _, part) in found.items()
        }

    def _is_kept_whole(self, name: str, is_group: bool) -> bool:
        """A person's address is one trait, however it is made up."""
        return (
            not is_group and self.names is not None and self.canonical(name) in self.names.personal
        )

    def _stored(self, name: str, value: Any, is_group: bool) -> Any:
        nested = isinstance(value, _Nested)
        plain = value.value if nested else value
        if self.names is None:
            return plain
        if is_group:
            return self.names.group_trait(name, plain)
        if nested and name not in self.names.group_ids | self.names.personal:
            return self.names.user_trait(name_key(value.name), plain, is_nested=True)
        return self.names.user_trait(name, plain)


class _Nested:
    """A field of a trait that is an object."""

    def __init__(self, name: str, value: Any):
        self.name = name
        self.value = value

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None


def _names(sent: Any) -> list[str]:
    if isinstance(sent, str):
        return [sent]
    return [name for name in sent if isinstance(name, str)] if is_present(sent) else []
