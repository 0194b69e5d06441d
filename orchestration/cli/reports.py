"""The lists that people open first, from the published marts."""

from orchestration.cli.context import load_settings
from orchestration.cli.marts import Row, company, open_marts, rows
from orchestration.cli.output import print_json, print_line, print_table

_EXPLAINED = 10


def signals(company_id: str, *, as_json: bool) -> int:
    """One row per organization with an active signal, by priority."""
    with open_marts(load_settings()) as connection:
        about = company(connection, company_id)
        found = rows(
            connection,
            "select * from marts.signals_by_organization where company_id = $1"
            " order by priority desc, external_org_id",
            company_id,
        )
    if as_json:
        print_json(found)
        return 0
    heading(about, f"{len(found)} organizations with active signals")
    print_table(
        None,
        ["Priority", "Organization", "Name", "Case", "Signals", "MRR", "Health", "Last seen"],
        [
            (
                row["priority"],
                row["external_org_id"],
                row["display_name"],
                row["case_type"],
                row["signal_types"].replace(",", ", "),
                row["mrr"],
                row["health_score"],
                row["last_seen_at"],
            )
            for row in found
        ],
        numbers=["Priority", "MRR", "Health"],
    )
    for row in found[:_EXPLAINED]:
        print_line(f"{row['external_org_id']}: {row['explanation']}")
    return 0


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
    heading(about, f"{len(found)} {'organizations' if show_all else 'active organizations'}")
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


def heading(about: Row, what: str) -> None:
    """Say whose figures follow, and of which day."""
    print_line(f"{about['name']} ({about['company_id']}), as of {about['as_of_date']}: {what}")
