"""Expected rows of the marts of trials and invitations."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from tests.oracle.days import days_between
from tests.oracle.inputs import Row
from tests.oracle.tracking.people import People, email_hash
from tests.oracle.tracking.planned import SentEvent, integer_of
from tests.oracle.tracking.roles import JOINED
from tests.oracle.tracking.rules import parameter
from tests.oracle.tracking.telemetry import Telemetry

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Trial:
    account: str
    start: SentEvent | None
    end: SentEvent | None
    next_start: SentEvent | None

    @property
    def trial_id(self) -> str:
        return (self.start or self.end).event_id


def trials_of(telemetry: Telemetry) -> list[Trial]:
    if not telemetry.sends_calls:
        return []
    starts = _by_account(telemetry.events_named("trial.started"))
    ends = _by_account(telemetry.events_named("trial.ended"))
    found = []
    for account in starts.keys() | ends.keys():
        found += _trials(account, starts[account], ends[account])
    return found


def _trials(account: str, starts: list[SentEvent], ends: list[SentEvent]) -> list[Trial]:
    """Each end closes the newest start at or before it, unless another end has."""
    closing: dict[int, SentEvent] = {}
    alone = []
    for end in ends:
        begun = [n for n, start in enumerate(starts) if start.when <= end.when]
        if begun and begun[-1] not in closing:
            closing[begun[-1]] = end
        else:
            alone.append(Trial(account, None, end, None))
    followers = [*starts[1:], None]
    return alone + [
        Trial(account, start, closing.get(n), followers[n]) for n, start in enumerate(starts)
    ]


def trials(telemetry: Telemetry) -> list[Row]:
    return [_trial_row(telemetry, trial) for trial in trials_of(telemetry)]


def _trial_row(telemetry: Telemetry, trial: Trial) -> Row:
    plan, start, end = telemetry.plan, trial.start, trial.end
    length = start and integer_of(plan.value(start, "trial_days"))
    expected_end = None if length is None else start.when + timedelta(days=length)
    return {
        "trial_id": trial.trial_id,
        "external_org_id": trial.account,
        "started_at": start and start.when,
        "trial_days": length,
        "plan_trialing": start and plan.text(start, "plan_trialing"),
        "expected_end_at": expected_end,
        "ended_at": end and end.when,
        "status": trial_status(telemetry, trial),
        "plan_selected": end and plan.text(end, "plan_selected"),
        "days": start and (_last_day(telemetry, trial) - start.when.date()).days,
        "first_mrr_on": start and _first_mrr_on(telemetry, trial.account, start.when.date()),
        "as_of_date": telemetry.as_of,
    }


def trial_status(telemetry: Telemetry, trial: Trial) -> str:
    if trial.end is not None:
        is_converted = telemetry.plan.value(trial.end, "converted") is True
        return "converted" if is_converted else "not_converted"
    if trial.next_start is not None:
        return "superseded"
    length = integer_of(telemetry.plan.value(trial.start, "trial_days"))
    if length is None:
        return "active"
    expected_end = trial.start.when + timedelta(days=length)
    return "active" if telemetry.as_of <= expected_end.date() else "overdue"


def _last_day(telemetry: Telemetry, trial: Trial) -> date:
    last = trial.end or trial.next_start
    return telemetry.as_of if last is None else last.when.date()


def _first_mrr_on(telemetry: Telemetry, account: str, since: date) -> date | None:
    revenue = telemetry.company.revenue
    days = days_between(since, telemetry.as_of)
    return next((day for day in days if revenue.mrr(account, day) > 0), None)


def _by_account(events: list[SentEvent]) -> dict[str, list[SentEvent]]:
    found: dict[str, list[SentEvent]] = defaultdict(list)
    for sent in events:
        found[sent.event.external_org_id].append(sent)
    return found


@dataclass(frozen=True)
class Invitation:
    """A ``user.invited`` with the join that it led to, or a join alone."""

    invited: SentEvent | None
    joined: SentEvent | None
    match: str | None
    is_repeat: bool


class Invitations:
    """Of the user-mode applications of a company that sends calls."""

    def __init__(self, telemetry: Telemetry, people: People):
        self.telemetry, self.people = telemetry, people
        self.matches: dict[SentEvent, tuple[SentEvent, str]] = {}
        self.invited = self._events("user.invited")
        self.joined = self._events(JOINED)
        keys = {"invitation_id": self._id_of, "email": self._email_of}
        for match, key_of in keys.items():
            for joined in self.joined:
                if joined not in self._taken:
                    self._match(joined, match, key_of)

    @property
    def _taken(self) -> set[SentEvent]:
        return {joined for joined, _ in self.matches.values()}

    def _events(self, name: str) -> list[SentEvent]:
        if not self.telemetry.sends_calls:
            return []
        events = self.telemetry.events_named(name)
        return [sent for sent in events if self.telemetry.is_user_mode(sent.app_id)]

    def _match(self, joined: SentEvent, match: str, key_of) -> None:
        """Give the join the newest open invitation of its key."""
        key = key_of(joined)
        invited = [
            sent
            for sent in self.invited
            if sent not in self.matches
            and sent.event.external_org_id == joined.event.external_org_id
            and sent.when <= joined.when
            and key is not None
            and key_of(sent) == key
        ]
        if invited:
            self.matches[invited[-1]] = joined, match

    def _id_of(self, sent: SentEvent) -> str | None:
        own = self.telemetry.plan.text(sent, "invitation_id")
        if own is not None or sent in self.joined:
            return own
        return sent.event_id if sent.is_flat else sent.attribution.call.call_id

    def _email_of(self, sent: SentEvent) -> str | None:
        telemetry = self.telemetry
        if sent in self.joined:
            user = sent.event.user_hash
            return email_hash(telemetry.user_traits.text_at(user, "email", telemetry.end))
        return email_hash(telemetry.plan.text(sent, "invitee_email"))

    def found(self) -> list[Invitation]:
        known: set[tuple] = set()
        rows = []
        for invited in self.invited:
            address = invited.event.external_org_id, self._email_of(invited)
            joined, match = self.matches.get(invited, (None, None))
            is_repeat = address[1] is not None and address in known
            rows.append(Invitation(invited, joined, match, is_repeat))
            known.add(address)
        alone = [joined for joined in self.joined if joined not in self._taken]
        return rows + [Invitation(None, joined, None, False) for joined in alone]


def invitations(telemetry: Telemetry, people: People) -> list[Row]:
    rows = []
    for found in Invitations(telemetry, people).found():
        plan, invited, joined = telemetry.plan, found.invited, found.joined
        hours = joined.when - invited.when if invited and joined else None
        rows.append(
            {
                "invitation_key": (invited or joined).event_id,
                "external_org_id": (invited or joined).event.external_org_id,
                "invited_at": invited and invited.when,
                "inviter": invited and invited.event.user_hash,
                "invitee_role": invited and plan.text(invited, "invitee_role"),
                "joined_at": joined and joined.when,
                "invitee": joined and joined.event.user_hash,
                "role": joined and plan.text(joined, "role"),
                "match": found.match,
                "hours_to_join": None if hours is None else _ratio(hours, HOUR),
                "is_repeat": found.is_repeat,
                "status": _status(telemetry, found),
                "as_of_date": telemetry.as_of,
            }
        )
    return rows


def _ratio(part: timedelta, whole: timedelta) -> Fraction:
    microsecond = timedelta(microseconds=1)
    return Fraction(part // microsecond, whole // microsecond)


def _status(telemetry: Telemetry, found: Invitation) -> str:
    if found.joined is not None:
        return "uninvited" if found.invited is None else "joined"
    open_days = parameter(telemetry.inputs, "invitations", "open_days")
    age = (telemetry.as_of - found.invited.when.date()).days
    return "expired" if age > open_days else "open"


def is_within(telemetry: Telemetry, when: datetime | None, days: int) -> bool:
    return when is not None and telemetry.is_in_last(days, when.date())
