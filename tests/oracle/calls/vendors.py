"""Which vendor wrote a JSON object, and the calls of a line."""

import json
from collections.abc import Iterator
from typing import Any

from tests.oracle.calls.values import is_present

Item = tuple[Any, int | None, bool]
"""A JSON value, its number in its batch, and whether the batch has an ``api_key``."""

SEGMENT_FAMILY = ("segment", "rudderstack", "accoil")
VENDORS = (*SEGMENT_FAMILY, "amplitude", "mixpanel", "posthog")


def items_of(line: str) -> Iterator[Item]:
    """The calls of a line. One that is no JSON is a call that is no object."""
    try:
        value = json.loads(line, parse_constant=_refuse)
    except ValueError:
        value = None
    batch, has_key = value, False
    if isinstance(value, dict):
        has_key = _has(value, "api_key")
        batch = value.get("batch")
        if not isinstance(batch, list) and not _has(value, "event_type"):
            batch = value.get("events")
    if not isinstance(batch, list):
        yield value, None, False
        return
    for number, item in enumerate(batch, start=1):
        yield item, number, has_key


def vendor_of(item: dict, batch_has_key: bool, folder: str | None) -> tuple[str | None, str | None]:
    """The vendor, and the reason where there is none or the wrong one."""
    rules = [name for name, holds in _rules(item, batch_has_key) if holds]
    if folder is None:
        return (rules[0], None) if rules else (None, "vendor_unknown")
    family = "segment" if folder in SEGMENT_FAMILY else folder
    return (folder, None) if family in rules else (folder, "vendor_mismatch")


def _rules(item: dict, batch_has_key: bool) -> list[tuple[str, bool]]:
    """The vendors in the order of the rules, each with whether its rule holds."""
    properties = item.get("properties")
    inner = properties if isinstance(properties, dict) else {}
    has_event = _has(item, "event")
    return [
        (
            "amplitude",
            _has(item, "event_type")
            or (_has(item, "group_type") and _has(item, "group_value"))
            or (
                isinstance(item.get("user_properties"), dict)
                and (_has(item, "user_id") or _has(item, "device_id"))
                and not has_event
            ),
        ),
        (
            "mixpanel",
            (_has(item, "$group_key") and _has(item, "$group_id"))
            or _has(item, "$distinct_id")
            or (_has(item, "event_name") and "properties" in item),
        ),
        ("posthog", _has(item, "distinct_id") or _has(item, "distinctId")),
        (
            "posthog",
            has_event
            and _has(inner, "distinct_id")
            and (batch_has_key or _has(item, "api_key") or _has(item, "uuid")),
        ),
        (
            "segment",
            any(
                _has(item, key)
                for key in (
                    *("userId", "user_id", "anonymousId", "anonymous_id"),
                    *("messageId", "type"),
                )
            ),
        ),
        (
            "mixpanel",
            has_event
            and any(
                _has(inner, key)
                for key in ("time", "distinct_id", "$groups", "$insert_id", "token")
            ),
        ),
    ]


def _has(item: dict, key: str) -> bool:
    return is_present(item.get(key))


def _refuse(constant: str) -> None:
    raise ValueError(constant)
