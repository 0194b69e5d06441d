"""Personal data of traits and properties, replaced by hashes."""

import re
from collections.abc import Collection
from typing import Any

from tests.oracle.calls.values import compact, is_hash, name_key, sha256

GROUP_ID_NAMES = {"account_id", "primary_account_id", "parent_group_id"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def is_email(value: Any) -> bool:
    return isinstance(value, str) and _EMAIL.fullmatch(value.strip()) is not None


def replaced(value: Any) -> Any:
    """A value that is personal, as it is stored."""
    if value is None or (isinstance(value, str) and is_hash(value)):
        return value
    text = value if isinstance(value, str) else compact(value)
    return "sha256:" + sha256(text.strip().lower()) if text else value


def without_emails(value: Any) -> Any:
    """Every text that is as a whole an e-mail address is replaced, at any depth."""
    if is_email(value):
        return replaced(value)
    if isinstance(value, list):
        return [without_emails(part) for part in value]
    if isinstance(value, dict):
        return {key: without_emails(part) for key, part in value.items()}
    return value


class PersonalNames:
    """The names whose values are personal, and the names of group ids, which never are."""

    def __init__(self, personal: Collection[str], group_types: Collection[str]):
        self.personal = set(personal)
        self.group_ids = GROUP_ID_NAMES | {name_key(name) for name in group_types}

    def properties(self, value: Any) -> Any:
        """An event's properties, or a value among them."""
        if isinstance(value, dict):
            return {key: self._property(key, part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.properties(part) for part in value]
        return without_emails(value)

    def user_trait(self, name: str, value: Any, is_nested: bool = False) -> Any:
        """A user's trait; of a nested one ``name`` is no person's name."""
        if name in self.group_ids:
            return value
        if name in self.personal and not (is_nested and name == "name"):
            return replaced(value)
        if isinstance(value, dict):
            return {key: self.user_trait(name_key(key), part, True) for key, part in value.items()}
        if isinstance(value, list):
            return [self.user_trait("", part, True) for part in value]
        return without_emails(value)

    def group_trait(self, name: str, value: Any) -> Any:
        return value if name in self.group_ids else without_emails(value)

    def _property(self, name: str, value: Any) -> Any:
        key = name_key(name)
        if key in self.group_ids:
            return value
        endings = [p for p in self.personal if p != "name"]
        if any(key == p or key.endswith(f"_{p}") for p in endings):
            return replaced(value)
        return self.properties(value)
