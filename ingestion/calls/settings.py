"""What a company's reference data says about the personal data of its calls."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingestion.name_key import name_keys
from ingestion.reference import Registry, SeedRow
from ingestion.seeds.name_keys import spellings
from ingestion.seeds.rules import EVERY
from ingestion.seeds.values import is_yes

USER = "user"
# Ids of groups are nobody's personal data, whatever they look like.
_GROUP_IDS = ("account_id", "primary_account_id", "parent_group_id", "group_type")


@dataclass(frozen=True)
class CallSettings:
    """How calls of an application are read. Names are name keys.

    ``user_traits`` and ``group_traits`` are (sent, canonical) names of traits; ``personal`` are
    traits of users that are personal data, ``group_ids`` names whose values never are.
    """

    is_hashed: bool
    keeps_user_ids: bool
    user_traits: tuple[tuple[str, str], ...]
    group_traits: tuple[tuple[str, str], ...]
    personal: tuple[str, ...]
    group_ids: tuple[str, ...]


def call_settings(registry: Registry) -> Mapping[tuple[str, str], CallSettings]:
    """The settings of every registered application."""
    found = {}
    for company in registry.companies.values():
        traits = list(_rows_of(registry.trait_plan, company.company_id, ("entity", "trait")))
        types = list(_rows_of(registry.group_types, company.company_id, ("group_type",)))
        keys = name_keys([*_names(traits, "trait"), *_names(types, "group_type")])
        group_ids = {keys[name] for name in _names(types, "group_type")} | {*_GROUP_IDS}
        users = [row for row in traits if row["entity"] == USER]
        groups = [row for row in traits if row["entity"] != USER]
        personal = {keys[row["trait"]] for row in users if is_yes(row["is_pii"])}
        for app_id, application in company.applications.items():
            found[company.company_id, app_id] = CallSettings(
                application.is_hashed,
                keeps_user_ids=not application.is_hashed or application.is_instance,
                user_traits=_other_names(users, keys),
                group_traits=_other_names(groups, keys),
                personal=tuple(sorted(personal)),
                group_ids=tuple(sorted(group_ids)),
            )
    return found


def _rows_of(rows: Iterable[SeedRow], company_id: str, key: tuple[str, ...]) -> Iterator[SeedRow]:
    """The rows that hold for a company: its own, and the rows of ``*`` that it does not replace."""
    chosen: dict[tuple[str, ...], SeedRow] = {}
    for row in sorted(rows, key=lambda row: row["company_id"] != EVERY):
        if row["company_id"] in (EVERY, company_id):
            chosen[tuple(row[name] for name in key)] = row
    return iter(chosen.values())


def _names(rows: Iterable[SeedRow], column: str) -> list[str]:
    return [name for row in rows for name in spellings(row, column)]


def _other_names(rows: Iterable[SeedRow], keys: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    pairs = {(keys[name], row["trait"]) for row in rows for name in spellings(row, "trait")}
    return tuple(sorted((sent, name) for sent, name in pairs if sent != name))
