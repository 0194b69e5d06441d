"""``saas-tracker tracking``: what a company's applications send, and what that is good for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ingestion.errors import UserError
from orchestration.cli.context import load_settings
from orchestration.cli.marts import Row, company, open_marts, rows
from orchestration.cli.output import percent, print_heading, print_json, print_line, print_table
from orchestration.cli.tracking_queries import QUERIES

_SHOWN = 10
_CHILDREN = 3

Columns = Mapping[str, str | Callable[[Row], Any]]
"""Heading -> the key of a row, or what is made of the row."""


def tracking(company_id: str, app_id: str | None, *, issues: int, as_json: bool) -> int:
    """Quality, account context, tracking plan, traits, groups, lifecycle, roles, cost and billing.

    Groups, traits, trials, invitations, roles and discrepancies are the company's, whatever the
    application. Raises UserError where company or application are unknown.
    """
    app = app_id or "all"
    settings = load_settings()
    with open_marts(settings) as connection:
        about = company(connection, company_id)
        known = rows(
            connection,
            "select app_id from marts.applications where company_id = $1 order by app_id",
            company_id,
        )
        names = [row["app_id"] for row in known]
        if app not in names:
            raise UserError(
                f"unknown application {app!r} of {company_id}; there are: {', '.join(names)}"
                " (a new one needs a row in seeds/applications.csv and a run)"
            )
        values = (company_id, app, str(settings.seeds / "trait_plan.csv"))
        found = {name: rows(connection, query, *values) for name, query in QUERIES.items()}
    found["issues"] = found["issues"][:issues]
    if as_json:
        print_json(found)
        return 0
    print_heading(about, "tracking" if app == "all" else f"tracking of {app}")
    if not found["groups"]:
        print_line("No application sends identify or group calls: docs/tracking.md says how.")
    _print_all(found, about["reporting_currency"])
    return 0


def _print_all(found: dict[str, list[Row]], currency: str) -> None:
    _print("Telemetry quality", found["quality"], _QUALITY)
    calls = sum(row["calls"] for row in found["context"])
    _print(
        "Where the account of a call comes from",
        found["context"],
        _CONTEXT | {"Share": lambda row: percent(row["calls"] / calls)},
    )
    _print("Tracking plan", list(_plan(found["plan"])), _PLAN)
    _print(f"The {len(found['issues'])} largest issues", found["issues"], _ISSUES)
    _print("Required traits of who was active in the last 30 days", found["traits"], _TRAITS)
    _print(
        "The largest accounts and what is in them; events and users with all that is below",
        list(_trees(found["groups"])),
        _GROUPS | {f"MRR in {currency}": "mrr"},
    )
    _print("Trials by plan", found["trials"], _TRIALS)
    _print("Invitations by role", found["invitations"], _INVITATIONS)
    _print("Activity by role", found["roles"], _ROLES)
    if found["mtu"]:
        month = f"{found['mtu'][0]['month']:%B %Y}"
        _print(f"Monthly tracked users, {month}", found["mtu"], _MTU)
    differences = found["discrepancies"]
    _print("Billing: tracked against imported", differences[:_SHOWN], _DISCREPANCIES)
    if len(differences) > _SHOWN:
        print_line(f"... and {len(differences) - _SHOWN} more: --json has all of them.")


def _print(title: str, found: Sequence[Row], columns: Columns) -> None:
    """A table, where there is something to show; columns of figures are aligned to the right."""
    lines = [
        [row[of] if isinstance(of, str) else of(row) for of in columns.values()] for row in found
    ]
    numbers = [
        heading
        for heading, values in zip(columns, zip(*lines, strict=True), strict=False)
        if all(_is_figure(value) for value in values)
    ]
    if lines:
        print_table(title, list(columns), lines, numbers=numbers)


def _is_figure(value: Any) -> bool:
    if isinstance(value, str):
        return value.endswith(" %")
    return value is None or (
        isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    )


def _plan(found: list[Row]) -> Iterator[Row]:
    near = [row for row in found if row["near_misses"]]
    kinds = {
        title: {row["event"] for row in found if row["status"] == status}
        for status, title in (
            ("planned", "planned and seen"),
            ("never_seen", "planned, never seen"),
            ("unplanned", "sent without a plan"),
        )
    }
    kinds["planned, never seen"] -= kinds["planned and seen"]  # of another application
    kinds["spelled otherwise"] = {f"{row['event']} (as {row['sent_as']})" for row in near}
    for kind, names in kinds.items():
        rest = len(names) - _SHOWN
        shown = ", ".join(sorted(names)[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
        yield {"kind": kind, "events": len(names), "shown": shown}


def _trees(found: list[Row]) -> Iterator[Row]:
    for account in found:
        if account["group_id"] == account["external_org_id"]:
            inside = [row for row in found if row["account_rank"] == account["account_rank"]]
            yield from _tree(account, inside, 0)


def _tree(group: Row, inside: list[Row], depth: int) -> Iterator[Row]:
    """The group and what is below it: of many children the busiest."""
    yield {**group, "name": "  " * depth + (group["name"] or group["group_id"])}
    children = [row for row in inside if _parent(row) == group["group_id"]]
    for child in children[:_CHILDREN]:
        yield from _tree(child, inside, depth + 1)
    if len(children) > _CHILDREN:
        more = "  " * (depth + 1) + f"and {len(children) - _CHILDREN} more"
        yield dict.fromkeys(group) | {"name": more}


def _parent(row: Row) -> str | None:
    """What a group hangs below on the screen: one whose link does not count, below its account."""
    if row["group_id"] == row["external_org_id"]:
        return None
    return str(row["parent_group_id"] if row["links"] else row["external_org_id"])


def _words(key: str) -> Callable[[Row], str]:
    """The code under a key, in words."""
    return lambda row: "unknown" if row[key] is None else row[key].replace("_", " ")


_QUALITY: Columns = {
    "Rule": _words("rule"),
    "Status": _words("status"),
    # One column, so that a screen folds one text and not two.
    "What was found, and what to do": lambda row: " ".join(
        [row["evidence"], *([] if row["status"] == "good" else [row["advice"]])]
    ),
}
_CONTEXT: dict[str, str | Callable[[Row], Any]] = {
    "Source": _words("account_source"),
    "Said by the call": "is_own_context",
    "Calls": "calls",
}
_PLAN: Columns = {"Events": "kind", "How many": "events", "Which": "shown"}
_ISSUES: Columns = {
    "Application": "app_id",
    "Of": "subject",
    "Name": "name",
    "Property": "property",
    "Issue": _words("issue"),
    "Last 30 days": "occurrences_30d",
    "Ever": "occurrences",
    "What to do": "advice",
}
_TRAITS: Columns = {
    "Of": "subject",
    "Trait": "trait",
    "Have it": "present",
    "Looked at": "checked",
    "Coverage": lambda row: percent(row["coverage"]),
}
_GROUPS: dict[str, str | Callable[[Row], Any]] = {
    "Group": "name",
    "Type": "group_type",
    "Events 30d": "events_30d",
    "Users 30d": "active_users_30d",
}
_TRIALS: Columns = {
    "Plan": _words("plan_trialing"),
    "Started": "started",
    "Converted": "converted",
    "Not converted": "not_converted",
    "Active": "active",
    "Overdue": "overdue",
    "Rate": lambda row: percent(row["conversion_rate"]),
}
_INVITATIONS: Columns = {
    "Role": lambda row: "all" if row["is_total"] else row["role"] or "unknown",
    "Sent": "sent",
    "Joined": "joined",
    "Open": "open",
    "Expired": "expired",
    "Not invited": "uninvited",
    "Median hours": "median_hours",
}
_ROLES: Columns = {
    "Role": lambda row: row["role"] or "unknown",
    "Users": "users",
    "Events 30d": "events_30d",
    "Weight": lambda row: float(row["weight"]),
    "Weighted": lambda row: float(row["weighted_events_30d"]),
    "Share": lambda row: percent(row["share"]),
}
_MTU: Columns = {
    "Application": "app_id",
    "Mode": "identity_mode",
    "Calls": "calls",
    "As sent": "tracked_users",
    "By user": "mtu_per_user",
    "By account": "mtu_instance_level",
    "Saved": lambda row: percent(row["reduction"]),
    "Billed by user": "billable_per_user",
    "Billed by account": "billable_instance_level",
}
_DISCREPANCIES: Columns = {
    "Account": "display_name",
    "What": _words("discrepancy"),
    "Imported": "expected",
    "Tracked": "observed",
    "Why": "explanation",
}
