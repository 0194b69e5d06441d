"""Expected rows of the marts that say what was when: traits and the hierarchy of groups."""

from collections import defaultdict
from datetime import datetime
from itertools import groupby, pairwise

from tests.oracle.calls.groups import Groups
from tests.oracle.calls.traits_at import TraitHistory, trait_text
from tests.oracle.inputs import Row
from tests.oracle.tracking.named import named_groups
from tests.oracle.tracking.telemetry import Telemetry

FIRST_MOMENT = datetime(1970, 1, 1)


def trait_history(telemetry: Telemetry) -> list[Row]:
    return [
        *_versions("user", telemetry.user_traits),
        *_versions("group", telemetry.groups.traits),
    ]


def _versions(entity: str, history: TraitHistory) -> list[Row]:
    rows = []
    for (entity_id, trait), versions in history.versions.items():
        ends = [version.since for version in versions[1:]]
        for version, valid_to in zip(versions, [*ends, None], strict=False):
            if version.value is not None:
                rows.append(
                    {
                        "entity": entity,
                        "entity_id": entity_id,
                        "trait": trait,
                        "valid_from": version.since,
                        "value": trait_text(version.value),
                        "valid_to": valid_to,
                        "is_current": valid_to is None,
                        "call_id": version.call.call_id,
                    }
                )
    return rows


def group_hierarchy(telemetry: Telemetry) -> list[Row]:
    """An interval is as long as an ancestor's place does not change."""
    groups, rows = telemetry.groups, []
    turns = _turns(groups)
    for group in named_groups(telemetry):
        places: dict[str, list[tuple]] = defaultdict(list)
        for when in turns:
            chain = groups.chain_at(group, when)
            account = groups.account_at(group, when)
            above = {a: (n, a == account, a == chain[-1]) for n, a in enumerate(chain)}
            for ancestor in places.keys() | above.keys():
                # Places before the ancestor was one are none.
                places[ancestor].append((when, above.get(ancestor)))
        for ancestor, found in places.items():
            rows += _intervals(group, ancestor, found)
    return rows


def _turns(groups: Groups) -> list[datetime]:
    """Moments at which a type or a parent changes, and the beginning of time."""
    found = {FIRST_MOMENT}
    for (_, trait), versions in groups.traits.versions.items():
        if trait in ("group_type", "parent_group_id"):
            found |= {version.since for version in versions}
    return sorted(found)


def _intervals(group: str, ancestor: str, places: list[tuple]) -> list[Row]:
    """Runs of equal places, each up to the next one."""
    runs = [(place, next(run)[0]) for place, run in groupby(places, key=lambda found: found[1])]
    rows = []
    for (place, valid_from), (_, valid_to) in pairwise([*runs, (None, None)]):
        if place is not None:
            links, is_account, is_top = place
            rows.append(
                {
                    "group_id": group,
                    "ancestor_group_id": ancestor,
                    "valid_from": valid_from,
                    "valid_to": valid_to,
                    "links": links,
                    "is_account": is_account,
                    "is_top": is_top,
                }
            )
    return rows
