"""Attributed usage calls as events."""

from tests.oracle.calls.accounts import Accounts, Attribution
from tests.oracle.calls.known import KnownCall
from tests.oracle.events import Event


def call_events(accounts: Accounts) -> list[Event]:
    """An event of every usage call with an account that is not automatic, or is planned."""
    return [
        _event(accounts, attribution)
        for attribution in accounts.attributions
        if attribution.account is not None
        and (not attribution.call.is_automatic or accounts.plan.row_of(attribution.call))
    ]


def event_id_of(call: KnownCall) -> str:
    return f"call:{call.call_id}"


def _event(accounts: Accounts, attribution: Attribution) -> Event:
    call = attribution.call
    return Event(
        app_id=call.app_id,
        event_id=event_id_of(call),
        content=call.content_hash,
        external_org_id=attribution.account,
        event=accounts.plan.name_of(call),
        user_hash=attribution.actor,
        path=call.path,
        client_session_id=call.session_id,
        ts_epoch=None,
        received_at=call.received_at,
        environment=call.environment or "production",
        plan=None,
        properties=call.properties,
        group_id=attribution.group,
        account_source=attribution.source,
        sent_event=call.event,
        vendor=call.vendor,
        called_at=call.occurred_at,
    )
