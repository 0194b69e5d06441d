"""The worked example of the telemetry standard's account rules, in the vendors' own shapes."""

from datetime import date, datetime
from typing import Any

AS_OF = date(2026, 3, 31)
IMPORTED_AT = datetime(2026, 3, 1, 12)

# (event, account, source, group)
EVENTS = (
    ("e1", "acc_456", "group", "proj_123"),
    ("e2", "acc_456", "group", "ws_789"),
    ("e3", "acc_456", "sticky", "proj_123"),
    ("e4", "acc_456", "property", "acc_456"),
    ("e6", "ws_999", "undefined_group", "ws_999"),
    ("e7", "acc_999", "group", "proj_123"),
    ("e8", "acc_456", "group", "acc_456"),
    ("e9", "acc_456", "identify", "acc_456"),
    ("e10", "acc_456", "sticky", "acc_456"),
    ("e11", "acc_456", "group", "acc_456"),
)
UNATTRIBUTED = ("e5",)
NAMES = {"e1": "task.completed", "e2": "Workspace_Settings_Updated", "e3": "Report Created"}


def _at(day: int, clock: str = "12:00:00") -> str:
    return f"2026-03-{day:02}T{clock}Z"


def _segment(name: str, kind: str, when: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "messageId": name, "timestamp": when, **fields}


def _track(name: str, when: str, event: str, user: str, group: str | None = None) -> dict:
    context = {} if group is None else {"context": {"groupId": group}}
    return _segment(name, "track", when, event=event, userId=user, **context)


def segment_groups() -> list[dict[str, Any]]:
    """g1, g2 and g3: what may come late without a change."""
    account = {"group_type": "account", "plan": "enterprise", "mrr": 1200}
    workspace = {"group_type": "workspace", "parent_group_id": "acc_456"}
    project = {"group_type": "project", "parent_group_id": "ws_789"}
    return [
        _segment(name, "group", _at(2, clock), userId="usr_1", groupId=group, traits=traits)
        for name, clock, group, traits in (
            ("g1", "09:00:01", "acc_456", account),
            ("g2", "09:00:02", "ws_789", workspace),
            ("g3", "09:00:03", "proj_123", project),
        )
    ]


def segment_calls() -> list[dict[str, Any]]:
    """The others that Segment sends."""
    return [
        _segment(
            "i1",
            "identify",
            _at(2, "09:00:00"),
            userId="usr_1",
            traits={"email": "one@example.com", "role": "Admin", "account_id": "acc_456"},
        ),
        _segment(
            "g4",
            "group",
            _at(10, "00:00:00"),
            groupId="ws_789",
            traits={"parent_group_id": "acc_999"},
        ),
        _segment(
            "i2", "identify", _at(20, "10:00:00"), userId="usr_5", traits={"accountId": "acc_456"}
        ),
        _track("e1", _at(2, "09:05:00"), "task.completed", "usr_1", "proj_123"),
        _track("e2", _at(2, "09:06:00"), "Workspace_Settings_Updated", "usr_1", "ws_789"),
        _track("e3", _at(2, "09:07:00"), "Report Created", "usr_1"),
        _track("e4", _at(3), "report.created", "usr_2") | {"properties": {"account_id": "acc_456"}},
        _track("e5", _at(3), "report.created", "usr_3"),
        _track("e6", _at(4), "report.created", "usr_4", "ws_999"),
        _track("e7", _at(12), "report.created", "usr_1", "proj_123"),
        _track("e9", _at(19), "report.created", "usr_5"),
    ]


def nightly_sync() -> list[dict[str, Any]]:
    """What a server sends every night: all traits as they are."""
    account, _, project = (call["traits"] for call in segment_groups())
    workspace = {"group_type": "workspace", "parent_group_id": "acc_999"}
    traits = {"acc_456": account, "ws_789": workspace, "proj_123": project}
    users = [call for call in segment_calls() if call["type"] == "identify"]
    groups = [
        _segment(f"sync-{group}", "group", _at(28, "02:00:00"), groupId=group, traits=sent)
        for group, sent in traits.items()
    ]
    again = {"timestamp": _at(28, "02:00:00")}
    return groups + [call | again | {"messageId": f"sync-{call['messageId']}"} for call in users]


def late_parent() -> list[dict[str, Any]]:
    """The project has belonged to another account since the fifth: of the events e7 is later."""
    traits = {"parent_group_id": "acc_777"}
    return [_segment("g5", "group", _at(5), groupId="proj_123", traits=traits)]


def other_vendors() -> list[dict[str, Any]]:
    """What PostHog, Amplitude and Mixpanel export."""
    return [
        {
            "uuid": "e8",
            "event": "report.created",
            "distinct_id": "usr_1",
            "timestamp": _at(13),
            "properties": {"$groups": {"company": "acc_456", "project": "proj_123"}},
        },
        {
            "uuid": "i3",
            "event_type": "$identify",
            "user_id": "usr_6",
            "event_time": "2026-03-21 10:00:00.000000",
            "groups": {"account": "acc_456"},
        },
        {
            "uuid": "e10",
            "event_type": "report.created",
            "user_id": "usr_6",
            "event_time": "2026-03-21 10:01:00.000000",
        },
        {
            "event": "report.created",
            "properties": {
                "distinct_id": "usr_6",
                "time": 1_774_180_800,
                "$insert_id": "e11",
                "company_id": ["acc_456"],
            },
        },
    ]
