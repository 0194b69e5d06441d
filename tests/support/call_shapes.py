"""Single calls in the shapes in which the vendors export them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

Call = dict[str, Any]
When = int | str | datetime
"""A moment, or days before the as-of date, at noon or at a clock: ``3``, ``"3 09:00:00"``."""


class Shapes:
    """Writes calls of one as-of date; a call is received two seconds after it was made."""

    def __init__(self, as_of: date):
        self.as_of = as_of

    def moment(self, when: When) -> datetime:
        if isinstance(when, datetime):
            return when
        back, _, clock = str(when).partition(" ")
        day = self.as_of - timedelta(days=int(back))
        return datetime.combine(day, time.fromisoformat(clock or "12:00:00"))

    def segment(self, name: str, kind: str, when: When, /, **fields: Any) -> Call:
        moment = self.moment(when)
        return {
            "type": kind,
            "messageId": name,
            "timestamp": _iso(moment),
            "receivedAt": _iso(moment + timedelta(seconds=2)),
            **fields,
        }

    def track(
        self,
        name: str,
        when: When,
        user: str | None = None,
        group: str | None = None,
        event: str = "report.created",
        **fields: Any,
    ) -> Call:
        """Segment's; ``group`` is the untyped ``context.groupId``."""
        if user is not None:
            fields["userId"] = user
        if group is not None:
            fields["context"] = {"groupId": group, **fields.get("context", {})}
        return self.segment(name, "track", when, event=event, **fields)

    def identify(self, name: str, when: When, user: str, /, **traits: Any) -> Call:
        return self.segment(name, "identify", when, userId=user, traits=traits)

    def group(self, name: str, when: When, group: str, user: str | None = None, **traits) -> Call:
        actor = {} if user is None else {"userId": user}
        return self.segment(name, "group", when, groupId=group, traits=traits, **actor)

    def typed(
        self, name: str, when: When, group: str, kind: str, parent: str | None = None, **more: Any
    ) -> Call:
        """A group call of a server with a type and, where there is one, a parent."""
        above = {} if parent is None else {"parent_group_id": parent}
        return self.group(name, when, group, group_type=kind, **above, **more)

    def posthog(
        self, name: str, when: When, user: str, event: str = "report.created", **properties: Any
    ) -> Call:
        moment = self.moment(when)
        return {
            "uuid": name,
            "event": event,
            "distinct_id": user,
            "timestamp": _iso(moment),
            "created_at": _iso(moment + timedelta(seconds=2)),
            "properties": properties,
        }

    def amplitude(
        self, name: str, when: When, user: str | None, event: str = "report.created", **fields: Any
    ) -> Call:
        moment = self.moment(when)
        return {
            "uuid": name,
            "event_type": event,
            "user_id": user,
            "event_time": moment.isoformat(sep=" ", timespec="microseconds"),
            "server_received_time": (moment + timedelta(seconds=2)).isoformat(sep=" "),
            **fields,
        }

    def mixpanel(
        self, name: str, when: When, user: str, event: str = "report.created", **properties: Any
    ) -> Call:
        moment = self.moment(when).replace(tzinfo=UTC)
        return {
            "event": event,
            "properties": {
                "distinct_id": user,
                "time": moment.timestamp(),
                "$insert_id": name,
                "mp_processing_time_ms": int(moment.timestamp() * 1000) + 2000,
                **properties,
            },
        }

    def mixpanel_profile(self, when: When, user: str, **operations: Any) -> Call:
        seconds = self.moment(when).replace(tzinfo=UTC).timestamp()
        named = {f"${name}": value for name, value in operations.items()}
        return {"$distinct_id": user, "$time": seconds, **named}


def _iso(moment: datetime) -> str:
    return moment.isoformat() + "Z"
