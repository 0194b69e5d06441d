"""Calls of globex' portal: accounts, workspaces and projects, sent by six vendors in turn.

The portal has changed its vendor five times, so that no two of them overlap in time. Every account
of the portal is a customer organization of globex.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from ingestion.demo.call_shapes import ENDINGS, SHAPES, DemoCall, Json
from ingestion.demo.organizations import NEVER_SEEN, Organization
from ingestion.demo.profiles import COMPANIES, Size
from ingestion.demo.writer import LandingWriter

PORTAL = f"{COMPANIES[1].company_id}/apps/portal/calls"

_ACCOUNTS, _DAYS = 12, 90
_ROLES = ("Admin", "Member", "Member", "Viewer")
_EVENTS = (
    ("report.created", "/reports"),
    ("Report Created", "/reports"),
    ("task.completed", "/tasks"),
    ("task.completed", "/tasks"),
    ("comment.added", "/tasks"),
    ("user.invited", "/members"),
    ("share.created", "/reports"),
)


@dataclass(frozen=True)
class _Account:
    organization: Organization
    workspaces: tuple[str, ...]
    projects: tuple[tuple[str, str], ...]
    """Projects, each with its workspace."""
    users: tuple[str, ...]

    @property
    def account_id(self) -> str:
        return self.organization.external_org_id


def write_calls(writer: LandingWriter, size: Size, customers: Sequence[Organization]) -> int:
    """Write the portal's files, one a vendor and week; returns the number of calls."""
    seen = [
        org
        for org in customers
        if org.company_id == COMPANIES[1].company_id and org.story not in NEVER_SEEN
    ]
    accounts = [_account(org, size) for org in seen[:_ACCOUNTS]]
    first_day = max(size.first_day, size.as_of - timedelta(days=_DAYS))
    days = [first_day + timedelta(days=n) for n in range((size.as_of - first_day).days)]
    written = 0
    for turn, (vendor, shape) in enumerate(SHAPES.items()):
        period = days[turn * len(days) // len(SHAPES) : (turn + 1) * len(days) // len(SHAPES)]
        for start in range(0, len(period), 7):
            week = period[start : start + 7]
            is_new = start == 0
            calls = sorted(_calls(accounts, week, is_new, turn, size), key=lambda call: call.at)
            lines = "".join(json.dumps(shape(call), ensure_ascii=False) + "\n" for call in calls)
            path = f"{PORTAL}/{vendor}/{week[0]}_{week[-1]}.{ENDINGS.get(vendor, 'jsonl.gz')}"
            content = lines.encode()
            if path.endswith(".gz"):
                content = gzip.compress(content, mtime=0)
            writer.write(path, content, datetime.combine(week[-1] + timedelta(1), time(0, 10)))
            written += len(calls)
    return written


def _account(organization: Organization, size: Size) -> _Account:
    rng = Random(f"{size.seed}:portal:{organization.number}")
    org = organization.external_org_id
    workspaces = tuple(f"ws-{org}-{n}" for n in range(1, 2 + rng.randrange(2)))
    projects = tuple(
        (f"pr-{org}-{n}", rng.choice(workspaces)) for n in range(1, 3 + rng.randrange(3))
    )
    users = tuple(f"u-{org}-{n}" for n in range(1, 3 + rng.randrange(4)))
    return _Account(organization, workspaces, projects, users)


def _calls(
    accounts: Sequence[_Account], week: Sequence[date], is_new: bool, turn: int, size: Size
) -> Iterator[DemoCall]:
    """The calls of a week; with a new vendor all groups and users are sent to it first."""
    midnight = datetime.combine(week[0], time(0, 0, 1))
    for account in accounts:
        if is_new:
            yield from _introduction(account, midnight, turn)
        for day in week:
            yield from _usage(account, day, size)
    if accounts and is_new and turn == len(SHAPES) // 2:
        # A workspace, with the projects below it, moves to another account.
        moved = accounts[0].workspaces[0]
        traits = _workspace_traits(accounts[-1].account_id)
        yield DemoCall(
            f"move-{moved}",
            "group",
            midnight + timedelta(hours=12),
            None,
            group=("workspace", moved),
            traits=traits,
        )
    # Nothing says to which account this visitor belongs, and the project is defined nowhere.
    lost = DemoCall(f"lost-{week[0]}", "track", midnight, "visitor", "report.created")
    yield lost
    yield replace(lost, key=f"draft-{week[0]}", group=("project", "draft"))


def _introduction(account: _Account, at: datetime, turn: int) -> Iterator[DemoCall]:
    org = account.organization
    company = {"name": org.display_name, "plan": org.plan, "number_of_users": len(account.users)}
    groups: list[tuple[str, str, Json]] = [("account", account.account_id, company)]
    if turn == 0:
        # Later vendors are sent the accounts again, the tree below them stays as it is.
        groups += [
            ("workspace", w, _workspace_traits(account.account_id)) for w in account.workspaces
        ]
        groups += [("project", p, {"name": p, "parent_group_id": w}) for p, w in account.projects]
    # The first vendors are sent groups by a server, the later ones by a user who signs in.
    sender = account.users[0] if turn >= len(SHAPES) // 2 else None
    for kind, group, traits in groups:
        yield DemoCall(f"g{turn}-{group}", "group", at, sender, group=(kind, group), traits=traits)
    for number, user in enumerate(account.users):
        traits = {
            "email": f"{user}@example.com",
            "role": _ROLES[number % len(_ROLES)],
            "account_id": account.account_id,
        }
        yield DemoCall(f"i{turn}-{user}", "identify", at, user, traits=traits)


def _workspace_traits(account_id: str) -> Json:
    return {"parent_group_id": account_id, "status": "active"}


def _usage(account: _Account, day: date, size: Size) -> Iterator[DemoCall]:
    org = account.organization
    rng = Random(f"{size.seed}:portal:{org.number}:{day}")
    if not org.first_day <= day <= org.last_day or rng.random() > org.activity:
        return
    for number in range(1 + rng.randrange(6 if day.weekday() < 5 else 2)):
        event, path = rng.choice(_EVENTS)
        at = datetime.combine(day, time(8)) + timedelta(seconds=rng.randrange(36_000))
        project = rng.choice(account.projects)[0]
        groups = (("project", project), ("workspace", rng.choice(account.workspaces)), None)
        group = rng.choices(groups, (6, 3, 1))[0]
        user, key = rng.choice(account.users), f"{day:%m%d}-{org.external_org_id}-{number}"
        if rng.random() < 0.3:
            yield DemoCall(key, "page", at, user, group=group, path=path)
        else:
            properties = {"item": f"item-{rng.randrange(1, 900)}"}
            yield DemoCall(key, "track", at, user, event, group, properties=properties, path=path)
