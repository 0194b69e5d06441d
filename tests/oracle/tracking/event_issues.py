"""What is wrong with single events, by the tracking plan and the rules for accounts."""

from collections.abc import Iterator
from typing import Any

from tests.oracle.calls.privacy import PersonalNames
from tests.oracle.calls.traits_at import trait_text
from tests.oracle.calls.values import name_key
from tests.oracle.inputs import CompanyInputs, Row, own_or_default
from tests.oracle.tracking.planned import (
    SentEvent,
    has_type,
    is_hashed,
    is_near_miss,
    other_names,
    spelling_of,
)
from tests.oracle.tracking.telemetry import Telemetry

GROUP_ISSUES = (
    *("group_missing", "no_account", "group_undefined"),
    *("group_conflict", "group_level_wrong"),
)
Found = Iterator[tuple[str, str]]
"""Issues, each with the property that it is about (empty where none)."""


def issues_of_event(telemetry: Telemetry, personal: PersonalNames, sent: SentEvent) -> Found:
    if sent.is_automatic:
        return
    if sent.planned is None and not sent.is_page:
        yield "unplanned", ""
    if sent.planned is not None:
        if sent.sent_name not in (sent.planned["event"], *other_names(sent.planned)):
            yield "near_miss", ""
        for name, row in telemetry.plan.properties(sent.app_id, sent.name).items():
            for issue in _property_issues(sent, name, row):
                yield issue, name
    for name, value in sent.properties.items():
        if is_personal(personal, name, value):
            yield "pii_in_property", name
    if not sent.is_flat:
        for issue in _group_issues(telemetry, sent):
            yield issue, ""


def _property_issues(sent: SentEvent, name: str, row: Row) -> Iterator[str]:
    spelled = spelling_of(sent.properties, name, row)
    if spelled is None:
        is_required = row["is_required"].lower() == "true"
        if is_required and not (name == "account_id" and _names_group(sent)):
            yield "property_missing"
        return
    if is_near_miss(spelled, name, row):
        yield "property_near_miss"
    value = sent.properties[spelled]
    if not _was_replaced(value):
        if not has_type(value, row["type"]):
            yield "property_wrong_type"
            return
        allowed = [text for text in (row["allowed_values"] or "").split("|") if text]
        if allowed and trait_text(value) not in allowed:
            yield "property_not_allowed"
    if row["rule"] == "hashed" and not is_hashed(value):
        yield "property_not_hashed"


def _names_group(sent: SentEvent) -> bool:
    """Whether the account is on the event, be it as a group."""
    return (
        sent.attribution is None
        or bool(sent.attribution.named)
        or bool(sent.attribution.call.account_id)
    )


def _group_issues(telemetry: Telemetry, sent: SentEvent) -> Iterator[str]:
    found = sent.attribution
    groups, types, when = telemetry.groups, telemetry.types, sent.when
    if found.account is not None and not sent.has_own_context:
        yield "group_missing"
    if any(group not in groups.defined for _, group in found.named):
        yield "group_undefined"
    is_below = any(types.is_below_account(types.mapped(kind)) for kind, _ in found.named)
    if found.account is None and not is_below:
        yield "no_account"
    if found.is_conflict:
        yield "group_conflict"
    level = (sent.planned or {}).get("group_level")
    if found.account is not None and level and groups.type_at(found.group, when) != level:
        yield "group_level_wrong"


def personal_names(inputs: CompanyInputs) -> PersonalNames:
    plan = own_or_default(inputs.seeds["trait_plan"], inputs.company_id, "entity", "trait")
    types = own_or_default(inputs.seeds["group_types"], inputs.company_id, "group_type")
    is_user = [row for row in plan if row["entity"] == "user"]
    return PersonalNames(
        {row["trait"] for row in is_user if (row["is_pii"] or "").lower() == "true"},
        {n for r in types for n in (r["group_type"], *other_names(r))},
    )


def is_personal(personal: PersonalNames, name: str, value: Any) -> bool:
    """Whether a property, or a part of it, is personal or was replaced for being so."""
    if name_key(name) in personal.group_ids:
        return False
    return personal.properties({name: value}) != {name: value} or _was_replaced(value)


def _was_replaced(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_was_replaced(part) for part in value.values())
    if isinstance(value, list):
        return any(_was_replaced(part) for part in value)
    return isinstance(value, str) and value.startswith("sha256:")
