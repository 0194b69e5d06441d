"""``saas-tracker revenue --restatements``: why a closed month is not what was reported."""

from datetime import date

from orchestration.cli.context import load_settings
from orchestration.cli.marts import company, open_marts, rows
from orchestration.cli.output import print_heading, print_json, print_line, print_table

RESTATEMENTS = """
    select * from marts.mrr_restatements where company_id = $1 order by month, applied_at"""
_OF_MONTH = """
    select * from marts.{mart} where company_id = $1 and ($2 is null or month = $2)
    order by month, applied_at, abs(mrr_change) desc"""
_DETAILS_SHOWN = 50
_NOT_LISTED = (
    "Only imports are listed. A rate edited in seeds/exchange_rates.csv, another reporting currency"
    " or another mrr_month_rule changes every month it touches, and these figures with it."
)


def restatements(company_id: str, *, month: date | None, as_json: bool) -> int:
    """Imports that changed a closed month's MRR, and the subscriptions that did it."""
    first_day = month.replace(day=1) if month else None
    with open_marts(load_settings()) as connection:
        about = company(connection, company_id)
        found = {
            name: rows(connection, _OF_MONTH.format(mart=mart), company_id, first_day)
            for name, mart in (
                ("restatements", "mrr_restatements"),
                ("details", "mrr_restatement_details"),
            )
        }
    if as_json:
        print_json(found)
        return 0
    which = f"{first_day:%Y-%m}" if first_day else "all closed months"
    print_heading(about, f"restatements of {which}, amounts in {about['reporting_currency']}")
    if not found["details"]:
        print_line("No import changed the MRR of a month after it was over.")
        print_line(_NOT_LISTED)
        return 0
    print_table(
        "What was known of a month before and after an import",
        ["Month", "Imported (UTC)", "Before", "After", "Change", "Subscriptions", "Files"],
        [
            (
                f"{row['month']:%Y-%m}",
                row["applied_at"],
                row["mrr_before"],
                row["mrr_after"],
                row["mrr_change"],
                row["subscriptions"],
                row["import_paths"].replace(",", "\n"),
            )
            for row in found["restatements"]
        ],
        numbers=["Before", "After", "Change", "Subscriptions"],
    )
    details = found["details"]
    print_table(
        "The subscriptions behind it",
        ["Month", "Imported (UTC)", "Organization", "Product", "Before", "After", "What changed"],
        [
            (
                f"{row['month']:%Y-%m}",
                row["applied_at"],
                row["display_name"],
                row["product_code"],
                row["mrr_before"],
                row["mrr_after"],
                row["what_changed"],
            )
            for row in details[:_DETAILS_SHOWN]
        ],
        numbers=["Before", "After"],
    )
    if len(details) > _DETAILS_SHOWN:
        print_line(
            f"... and {len(details) - _DETAILS_SHOWN:,} more (--month narrows, --json lists all)"
        )
    print_line(_NOT_LISTED)
    return 0
