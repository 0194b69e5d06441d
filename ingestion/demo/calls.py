"""Calls of globex' portal: accounts, workspaces and projects, sent by six vendors in turn.

The portal has changed its vendor five times, so that no two of them overlap in time. Every account
of the portal is a customer organization of globex.
"""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from ingestion.demo.billing import Subscription
from ingestion.demo.call_accounts import (
    PortalAccount,
    build_account,
    introduction,
    workspace_traits,
)
from ingestion.demo.call_shapes import ENDINGS, SHAPES, DemoCall
from ingestion.demo.call_stories import story_calls
from ingestion.demo.organizations import NEVER_SEEN, Organization
from ingestion.demo.profiles import COMPANIES, Size
from ingestion.demo.writer import LandingWriter

PORTAL = f"{COMPANIES[1].company_id}/apps/portal/calls"

_ACCOUNTS, _DAYS = 12, 90
_EVENTS = (
    ("report.created", "/reports"),
    ("Report Created", "/reports"),
    ("task.completed", "/tasks"),
    ("task.completed", "/tasks"),
    ("comment.added", "/tasks"),
    ("chart.pinned", "/reports"),
    ("share.created", "/reports"),
)


def write_calls(
    writer: LandingWriter,
    size: Size,
    customers: Sequence[Organization],
    subscriptions: Sequence[Subscription],
) -> int:
    """Write the portal's files, one a vendor and week; returns the number of calls."""
    seen = [
        org
        for org in customers
        if org.company_id == COMPANIES[1].company_id and org.story not in NEVER_SEEN
    ]
    accounts = [build_account(org, subscriptions, size) for org in seen[:_ACCOUNTS]]
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


def _calls(
    accounts: Sequence[PortalAccount], week: Sequence[date], is_new: bool, turn: int, size: Size
) -> Iterator[DemoCall]:
    """The calls of a week; with a new vendor all groups and users are sent to it first."""
    midnight = datetime.combine(week[0], time(0, 0, 1))
    for account in accounts:
        if is_new:
            yield from introduction(account, midnight, turn)
        for day in week:
            yield from _usage(account, day, size)
            yield from story_calls(account, day, size.as_of)
    if accounts and is_new and turn == len(SHAPES) // 2:
        # A workspace, with the projects below it, moves to another account.
        moved = accounts[0].workspaces[0]
        traits = workspace_traits(accounts[-1].account_id)
        yield DemoCall(
            f"move-{moved}",
            "group",
            midnight + timedelta(hours=12),
            None,
            group=("workspace", moved),
            traits=traits,
        )
    if accounts and turn > len(SHAPES) // 2:
        # A page that was open while the workspace moved: it names both accounts.
        yield DemoCall(
            f"open-{week[0]}",
            "track",
            midnight + timedelta(hours=14),
            accounts[0].users[0],
            "task.completed",
            ("workspace", accounts[0].workspaces[0]),
            properties={"item": "item-1", "account_id": accounts[0].account_id},
        )
    # Nothing says to which account this visitor belongs, and the project is defined nowhere.
    lost = DemoCall(f"lost-{week[0]}", "track", midnight, "visitor", "report.created")
    yield lost
    yield replace(lost, key=f"draft-{week[0]}", group=("project", "draft"))


def _usage(account: PortalAccount, day: date, size: Size) -> Iterator[DemoCall]:
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
            if path == "/reports":
                properties["format"] = rng.choice(("pdf", "pdf", "web", "xls"))
            yield DemoCall(key, "track", at, user, event, group, properties=properties, path=path)
