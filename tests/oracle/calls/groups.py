"""What a group was at a time: its type, its parent, its chain, its account."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from tests.oracle.calls.known import KnownCall
from tests.oracle.calls.traits_at import TraitHistory
from tests.oracle.calls.values import id_text, name_key
from tests.oracle.inputs import Row

MAX_LINKS = 10
ACCOUNT = "account"


class GroupTypes:
    """Types of the reference data, by any of their names."""

    def __init__(self, rows: Iterable[Row]):
        self.names: dict[str, str] = {}
        self.levels: dict[str, int] = {}
        for row in rows:
            kind = row["group_type"]
            self.levels[kind] = int(row["level"] or 0)
            for name in (kind, *(row["also_sent_as"] or "").split("|")):
                if name:
                    self.names[name_key(name)] = kind

    def mapped(self, sent: str) -> str | None:
        """The listed type of that name, else its name key; none of an untyped one."""
        key = name_key(sent)
        return self.names.get(key, key) or None

    def is_below_account(self, kind: str | None) -> bool:
        return self.levels.get(kind, 0) > self.levels[ACCOUNT]


class Groups:
    """The groups of a company over time."""

    def __init__(self, calls: Iterable[KnownCall], types: GroupTypes, named: Iterable[tuple]):
        self.types = types
        own = [(group, c) for c in calls if c.kind == "group" for _, group in c.groups_sent]
        self.defined = {group for group, _ in own}
        self.traits = TraitHistory(own)
        self.named_types: dict[str, set[str]] = defaultdict(set)
        for sent, group in named:
            kind = types.mapped(sent)
            if kind is not None:
                self.named_types[group].add(kind)
        self.parents_of = cache(self._parents_of)
        self._links_at = cache(self._links_that_count)

    def type_at(self, group: str, when: datetime) -> str | None:
        own = self.traits.text_at(group, "group_type", when)
        if own is not None and own.strip():
            return self.types.mapped(own.strip())
        if self.named_types.get(group):
            return min(self.named_types[group])
        return None if self.parent_at(group, when) is not None else ACCOUNT

    def parent_at(self, group: str, when: datetime) -> str | None:
        return self.parents_of(when).get(group)

    def level_at(self, group: str, when: datetime) -> int:
        return self.types.levels.get(self.type_at(group, when), 0)

    def chain_at(self, group: str, when: datetime) -> list[str]:
        """The group, its parent, the parent's parent … by the links that count."""
        links = self._links_at(when)
        chain = [group]
        while chain[-1] in links:
            chain.append(links[chain[-1]])
        return chain

    def account_in_chain(self, group: str, when: datetime) -> str | None:
        chain = self.chain_at(group, when)
        return next((g for g in chain if self.type_at(g, when) == ACCOUNT), None)

    def account_at(self, group: str, when: datetime) -> str:
        return self.account_in_chain(group, when) or self.chain_at(group, when)[-1]

    def depth_at(self, group: str, when: datetime) -> tuple:
        """Sorts the deepest first: greatest level, then most links, then the smaller id."""
        links = len(self.chain_at(group, when)) - 1
        return -self.level_at(group, when), -links, group

    def is_on_circle(self, group: str, when: datetime) -> bool:
        """Whether the group's own link is on a circle."""
        return _is_on_circle(self.parents_of(when), group)

    def is_too_deep(self, group: str, when: datetime) -> bool:
        """Whether the group's own link is one too many."""
        parents = self.parents_of(when)
        is_lost = group in parents and group not in self._links_at(when)
        return is_lost and not _is_on_circle(parents, group)

    def _parents_of(self, when: datetime) -> dict[str, str]:
        found = {}
        for group in self.defined:
            parent = id_text(self.traits.text_at(group, "parent_group_id", when))
            if parent is not None:
                found[group] = parent
        return found

    def _links_that_count(self, when: datetime) -> dict[str, str]:
        """Parents without the links on circles of up to ten, and without those too deep."""
        parents = self.parents_of(when)
        uncircled = {g: p for g, p in parents.items() if not _is_on_circle(parents, g)}
        return {g: p for g, p in uncircled.items() if _links_above(uncircled, g) <= MAX_LINKS}


def _is_on_circle(parents: dict[str, str], group: str) -> bool:
    current = group
    for _ in range(MAX_LINKS):
        current = parents.get(current)
        if current is None or current == group:
            return current == group
    return False


def _links_above(parents: dict[str, str], group: str) -> int:
    """Links above a group, or one more than count: a long circle has no end."""
    for links in range(MAX_LINKS + 1):
        if group not in parents:
            return links
        group = parents[group]
    return MAX_LINKS + 1
