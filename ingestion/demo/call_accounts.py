"""The accounts of globex' portal: their workspaces, projects and users, and what is said of them.

What the portal says of plan and price is mostly what the billing system says. A few accounts
disagree with it, by their story, and so show what a comparison of the two finds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random

from ingestion.demo.billing import Subscription
from ingestion.demo.call_shapes import SHAPES, DemoCall, Json
from ingestion.demo.organizations import Organization
from ingestion.demo.profiles import Size

# Somebody whose role the portal does not know is among them.
_ROLES = ("Admin", "Member", "Member", "Viewer", None)
# A team of this size per account is where tracking accounts instead of users begins to pay.
_FEWEST_USERS = 23


@dataclass(frozen=True)
class PortalAccount:
    """A customer organization with what is below it, who is in it, and what it pays."""

    organization: Organization
    workspaces: tuple[str, ...]
    projects: tuple[tuple[str, str], ...]
    """Projects, each with its workspace."""
    users: tuple[str, ...]
    mrr: Decimal
    currency: str

    @property
    def account_id(self) -> str:
        """The id of the account is that of the organization."""
        return self.organization.external_org_id


def build_account(
    organization: Organization, subscriptions: Sequence[Subscription], size: Size
) -> PortalAccount:
    """The account of an organization; ``subscriptions`` are everybody's."""
    rng = Random(f"{size.seed}:portal:{organization.number}")
    org = organization.external_org_id
    workspaces = tuple(f"ws-{org}-{n}" for n in range(1, 2 + rng.randrange(2)))
    projects = tuple(
        (f"pr-{org}-{n}", rng.choice(workspaces)) for n in range(1, 3 + rng.randrange(3))
    )
    users = tuple(f"u-{org}-{n}" for n in range(1, 1 + _FEWEST_USERS + rng.randrange(8)))
    paid = [
        row
        for row in subscriptions
        if row.organization == organization
        and row.status == "active"
        and row.start_at <= size.as_of
        and (row.end_at is None or row.end_at >= size.as_of)
    ]
    mrr = sum((row.mrr for row in paid), Decimal(0))
    currency = paid[0].currency if paid else "USD"
    return PortalAccount(organization, workspaces, projects, users, mrr, currency)


def email(user: str) -> str:
    """The address of a user of the portal."""
    return f"{user}@example.com"


def introduction(account: PortalAccount, at: datetime, turn: int) -> Iterator[DemoCall]:
    """What a new vendor is sent first: the account with its tree, and everybody in it."""
    groups: list[tuple[str, str, Json]] = [("account", account.account_id, _traits(account))]
    if turn == 0:
        # Later vendors are sent the accounts again, the tree below them stays as it is.
        groups += [
            ("workspace", w, workspace_traits(account.account_id)) for w in account.workspaces
        ]
        groups += [("project", p, {"name": p, "parent_group_id": w}) for p, w in account.projects]
    # The first vendors are sent groups by a server, the later ones by a user who signs in.
    sender = account.users[0] if turn >= len(SHAPES) // 2 else None
    for kind, group, traits in groups:
        yield DemoCall(f"g{turn}-{group}", "group", at, sender, group=(kind, group), traits=traits)
    for number, user in enumerate(account.users):
        role = _ROLES[number % len(_ROLES)]
        traits = {"email": email(user), "account_id": account.account_id}
        traits |= {} if role is None else {"role": role}
        yield DemoCall(f"i{turn}-{user}", "identify", at, user, traits=traits)


def workspace_traits(account_id: str) -> Json:
    """The traits of a workspace of an account. Nobody has given it a name."""
    return {"parent_group_id": account_id, "status": "active"}


def _traits(account: PortalAccount) -> Json:
    org = account.organization
    traits: Json = {
        "name": org.display_name,
        "plan": "free" if org.plan == "free" else f"core-{org.plan}",
        "mrr": float(account.mrr),
        "currency": account.currency,
        "number_of_users": len(account.users),
    }
    changes: dict[str, Json] = {
        "steady": {"employee_count": "about 40"},
        "declining": {"mrr": float(account.mrr * 2)},  # as it was before the downgrade
        "stopped": {"mrr": None},
        "unknown": {"mrr": 99},  # billing does not know it
    }
    return traits | changes.get(org.story, {})
