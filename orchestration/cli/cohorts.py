"""``saas-tracker revenue --cohorts``: what organizations pay since the month they first paid in."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from orchestration.cli.marts import Row
from orchestration.cli.output import cell, print_line, print_table

COHORTS = """
    select * from marts.revenue_cohorts where company_id = $1 order by cohort_month, months_since"""
_WIDTH = 100  # of a table, in characters
_FRAME = 3  # of a column
_AGES = (0, 1, 2, 3, 6, 9, 12, 18, 24, 36, 48, 60)
_MEASURES: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("Organizations that pay", "organizations", cell),
    ("Their MRR", "mrr", lambda mrr: f"{mrr:,.0f}"),
    ("MRR as a share of that of the first month", "share_of_first_month", lambda n: f"{n:.0%}"),
)


def print_cohorts(found: list[Row], months: int) -> None:
    """Three tables of the newest cohorts, a column per age as far as the width goes.

    ``months`` is how many cohorts are shown.
    """
    cohorts = sorted({row["cohort_month"] for row in found})
    if not cohorts:
        print_line("No organization has paid yet, so there are no cohorts.")
        return
    shown = cohorts[-months:]
    print_line(
        "Cohorts: organizations by the month they first paid in, and months since then."
        "\nExchange rates move amounts and shares."
    )
    for title, measure, text in _MEASURES:
        cells = {(row["cohort_month"], row["months_since"]): text(row[measure]) for row in found}
        ages = ages_that_fit(cells, shown)
        headings = [str(age) for age in ages]
        print_table(
            title,
            ["First paid", *headings],
            [(f"{month:%Y-%m}", *(cells.get((month, age)) for age in ages)) for month in shown],
            numbers=headings,
        )
    if len(shown) < len(cohorts):
        print_line(
            f"{len(cohorts) - len(shown)} earlier cohorts are not shown: --months {len(cohorts)}"
            " shows all, --json every month."
        )


def ages_that_fit(cells: dict[tuple[date, int], str], shown: Sequence[date]) -> list[int]:
    """The ages, in months, whose columns fit beside each other into the width of a table."""
    room = _WIDTH - len("First paid") - _FRAME - 1
    fitting = []
    for age in _AGES:
        texts = [cells[month, age] for month in shown if (month, age) in cells]
        if not texts:
            continue
        room -= max(map(len, [*texts, str(age)])) + _FRAME
        if room < 0:
            break
        fitting.append(age)
    return fitting
