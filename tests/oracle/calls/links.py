"""Who made a call: links from anonymous and previous ids to users, followed to their end."""

from collections import defaultdict
from collections.abc import Iterable

from tests.oracle.calls.known import KnownCall

MAX_STEPS = 10


class Actors:
    """The links of a company, over all applications and for all time."""

    def __init__(self, calls: Iterable[KnownCall]):
        calls = list(calls)
        self.user_ids = {
            call.user_hash for call in calls if call.kind == "identify" or call.is_usage
        }
        targets: dict[str, set[str]] = defaultdict(set)
        for call in calls:
            for source, is_always in self._sources(call):
                if source != call.user_hash and (is_always or source not in self.user_ids):
                    targets[source].add(call.user_hash)
        single = {source: next(iter(t)) for source, t in targets.items() if len(t) == 1}
        self.links = {s: t for s, t in single.items() if not _returns(single, s)}

    def actor(self, call: KnownCall) -> str | None:
        actor = call.user_hash or call.anonymous_hash
        return None if actor is None else self.end(actor)

    def end(self, identity: str) -> str:
        for _ in range(MAX_STEPS):
            if identity not in self.links:
                break
            identity = self.links[identity]
        return identity

    def _sources(self, call: KnownCall) -> list[tuple[str, bool]]:
        """Ids that the call links to its user id, and whether it does so always."""
        if call.user_hash is None:
            return []
        found = []
        if call.anonymous_hash is not None:
            found.append((call.anonymous_hash, False))
        if call.previous_hash is not None:
            found.append((call.previous_hash, not call.is_merge))
        return found


def _returns(links: dict[str, str], start: str) -> bool:
    """Whether an id is on a circle."""
    seen, current = set(), links.get(start)
    while current is not None and current not in seen:
        if current == start:
            return True
        seen.add(current)
        current = links.get(current)
    return False
