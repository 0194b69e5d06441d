"""What accounts of the portal live through: trials, changes of plan, invitations.

Among them are the mistakes that the tracking plan finds: names spelled otherwise, properties that
are missing or of another type, an e-mail address that is sent as it is.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from ingestion.demo.call_accounts import PortalAccount, email
from ingestion.demo.call_shapes import DemoCall, Json

_TRIAL: Json = {"trial_days": 14, "plan_trialing": "core-business"}

_CHANGES: dict[str, tuple[tuple[int, str, Json], ...]] = {
    "steady": (
        (45, "trial.started", _TRIAL),
        (34, "trial.ended", {"converted": True, "plan_selected": "core-business"}),
    ),
    # What it pays stays as it was, and so does its trait `plan`.
    "growing": ((44, "plan.upgraded", {"from_plan": "core-team", "to_plan": "core-enterprise"}),),
    "declining": ((40, "Plan Downgraded", {"to_plan": "core-team", "reason": "fewer seats"}),),
    "stopped": ((30, "trial.started", _TRIAL),),
    "free": ((30, "trial.started", _TRIAL), (15, "trial.ended", {"converted": False})),
    "unknown": (
        (20, "trial.started", _TRIAL | {"trial_days": "14"}),
        (6, "trial.started", _TRIAL | {"trial_days": 30}),
        (25, "user.joined", {"role": "Viewer"}),
    ),
}
"""Story -> (days before the as-of date, event, properties)."""


def story_calls(account: PortalAccount, day: date, as_of: date) -> Iterator[DemoCall]:
    """What happens to an account on a day."""
    admin, *_, friend, colleague = account.users
    changes = _CHANGES.get(account.organization.story, ())
    story = [(admin, *change) for change in changes]
    story += [
        (admin, 40, "user.invited", _invitation(colleague, "Member", f"inv-{colleague}")),
        (colleague, 39, "user.joined", {"invitation_id": f"inv-{colleague}", "role": "Member"}),
        # By its address alone.
        (admin, 38, "user.invited", _invitation(friend, "Viewer")),
        (friend, 36, "user.joined", {"role": "Viewer"}),
        (admin, 35, "Invite Sent", _invitation(f"nobody-{admin}", "Member")),
        (admin, 7, "user.invited", _latest_invitation(account, f"soon-{admin}")),
    ]
    for number, (user, age, event, properties) in enumerate(story):
        if day == as_of - timedelta(days=age):
            key = f"story-{account.account_id}-{number}"
            at = datetime.combine(day, time(9)) + timedelta(minutes=17 * number)
            group = ("account", account.account_id)
            yield DemoCall(key, "track", at, user, event, group, properties=properties)


def _invitation(user: str, role: str, invitation_id: str | None = None) -> Json:
    hashed = hashlib.sha256(email(user).encode()).hexdigest()
    properties = {"invitee_role": role, "invitee_email": hashed}
    return properties if invitation_id is None else properties | {"invitation_id": invitation_id}


def _latest_invitation(account: PortalAccount, user: str) -> Json:
    """Of one account as a release sent it that had forgotten both the hash and the spelling."""
    if account.organization.story == "declining":
        return {"inviteeRole": "Member", "invitee_email": email(user)}
    return _invitation(user, "Member")
