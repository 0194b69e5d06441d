"""The lists that people open first, from the published marts."""

from orchestration.cli.context import load_settings
from orchestration.cli.marts import company, open_marts, rows
from orchestration.cli.output import (
    print_heading,
    print_json,
    print_table,
)


def organizations(company_id: str, *, show_all: bool, as_json: bool) -> int:
    """Organizations with an event in the last 30 days, or all of them."""
    with open_marts(load_settings()) as connection:
        about = company(connection, company_id)
        found = rows(
            connection,
            "select * from marts.organizations where company_id = $1"
            " and ($2 or activity_state = 'active')"
            " order by mrr desc, events_30d desc, external_org_id",
            company_id,
            show_all,
        )
    if as_json:
        print_json(found)
        return 0
    print_heading(about, f"{len(found)} {'organizations' if show_all else 'active organizations'}")
    print_table(
        None,
        [
            "Organization",
            "Name",
            "State",
            "Last seen",
            "Events 30d",
            "Users 30d",
            "Health",
            "Band",
            "MRR",
            "Signals",
        ],
        [
            (
                row["external_org_id"],
                row["display_name"],
                row["activity_state"].replace("_", " "),
                row["last_seen_at"],
                row["events_30d"],
                row["active_users_30d"],
                row["health_score"],
                (row["health_band"] or "").replace("_", " "),
                row["mrr"],
                row["signal_types"].replace(",", ", "),
            )
            for row in found
        ],
        numbers=["Events 30d", "Users 30d", "Health", "MRR"],
    )
    return 0
