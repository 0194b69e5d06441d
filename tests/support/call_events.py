"""What the calls of stories say: events with their properties, traits of users and of groups."""

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
EMAILS = ["one@example.com", " Two@Example.com", "three@example.com"]
PLANS = ["free", "pro", "Pro Plan"]
ROLES = ["Admin", "member", "Billing Manager", "viewer"]

_plans, _roles, _emails = st.sampled_from(PLANS), st.sampled_from(ROLES), st.sampled_from(EMAILS)
_hashes = st.just("ab" * 32)
_invitations = st.sampled_from(["inv-1", "inv-2"])
_moments = st.sampled_from(["2024-01-31T08:00:00Z", "2023-12-01", 1_700_000_000, "long ago"])

EVENTS: dict[str, st.SearchStrategy[Json]] = {
    "report.created": st.fixed_dictionaries(
        {"task_id": st.just("t"), "n": st.integers(0, 2)},
        optional={
            "contact_email": st.one_of(_emails, _hashes),
            "details": st.fixed_dictionaries({"phone": st.just("+1 555 0100")}),
        },
    ),
    "Report Created": st.just({}),
    "plan.upgraded": st.fixed_dictionaries(
        {"to_plan": _plans}, optional={"from_plan": _plans, "reason": st.just(7)}
    ),
    "Plan Upgraded": st.fixed_dictionaries({"toPlan": _plans, "from_plan": _plans}),
    "plan.downgraded": st.fixed_dictionaries({"to_plan": _plans, "from_plan": st.just("")}),
    "account.switched": st.just({}),
    "user.invited": st.fixed_dictionaries(
        {"invitee_email": st.one_of(_emails, _emails, _hashes)},
        optional={"invitee_role": _roles, "invitation_id": _invitations},
    ),
    "Invite Sent": st.fixed_dictionaries({"invitee_email": _emails, "inviteeRole": _roles}),
    "user.joined": st.fixed_dictionaries(
        {"role": _roles}, optional={"invitation_id": _invitations}
    ),
    "trial.started": st.fixed_dictionaries(
        {"trial_days": st.sampled_from([3, 14, 14.0, "14", 2.5])},
        optional={"plan_trialing": _plans, "trial_plan_name": _plans},
    ),
    "trial.ended": st.fixed_dictionaries(
        {"converted": st.sampled_from([True, True, False, "yes"])},
        optional={"plan_selected": _plans},
    ),
    "comment.added": st.just({"name": "A page's name is no person's"}),
}

user_traits = st.fixed_dictionaries(
    {"role": _roles},
    optional={
        "email": _emails,
        "name": st.just("Ada Lovelace"),
        "created_at": _moments,
        "last_login": _moments,
        "industry": st.sampled_from(["retail", "arts"]),
    },
)
group_traits = st.fixed_dictionaries(
    {},
    optional={
        "plan": st.sampled_from(["base", "Base", *PLANS]),
        "name": st.just("Name"),
        "mrr": st.sampled_from([100, 99.5, 0, -1, "a lot", 12_000]),
        "currency": st.sampled_from(["EUR", "USD"]),
        "number_of_users": st.sampled_from([50, 3.0, 2.5, "many"]),
        "created_at": _moments,
        "status": st.just("active"),
    },
)
