"""Which groups a company has: defined by a call of their own, or named somewhere."""

from tests.oracle.calls.traits_at import TraitHistory, trait_text
from tests.oracle.calls.values import id_text
from tests.oracle.inputs import Row
from tests.oracle.tracking.telemetry import Telemetry, first_id_of


def named_groups(telemetry: Telemetry) -> list[str]:
    """All groups of a company, and its organizations with events; none if no call names one."""
    named = telemetry.groups.defined | _on_calls(telemetry) | _in_traits(telemetry)
    if not named:
        return []
    return sorted(named | {event.external_org_id for event in telemetry.company.events})


def _on_calls(telemetry: Telemetry) -> set[str]:
    names = {group for pairs in telemetry.accounts.names.values() for _, group in pairs}
    return names | {call.account_id for call in telemetry.calls if call.account_id is not None}


def _in_traits(telemetry: Telemetry) -> set[str]:
    parents = _values(telemetry.groups.traits, ("parent_group_id",))
    own = _values(telemetry.user_traits, ("account_id", "primary_account_id"))
    found = {id_text(text) for text in parents} | {first_id_of(text) for text in own}
    return {group for group in found if group is not None}


def _values(history: TraitHistory, traits: tuple[str, ...]) -> set[str]:
    return {
        trait_text(version.value)
        for (_, trait), versions in history.versions.items()
        if trait in traits
        for version in versions
        if version.value is not None
    }


def has_own_name(telemetry: Telemetry, group: str) -> bool:
    """Whether a group is known by more than its id: imported, or defined with a name."""
    company = telemetry.company
    return group in company.first_imports or bool(name_of(telemetry, group))


def name_of(telemetry: Telemetry, group: str) -> str | None:
    """The imported name, else the trait."""
    return telemetry.company.display_names.get(group)


def traits_missing(names: set[str], plan: dict[str, Row]) -> str:
    """Required traits that an entity has not."""
    required = {name for name, row in plan.items() if row["requirement"] == "required"}
    return ",".join(sorted(required - names))
