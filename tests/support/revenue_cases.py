"""Companies whose imports, file by file, have exactly known figures (docs/metrics.md)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from tests.ingestion.place import Place, csv_text

AS_OF = date(2026, 3, 20)
IMPORTS = tuple(datetime(2026, *day, 6, tzinfo=UTC) for day in ((1, 5), (2, 10), (3, 5)))
RATES = (
    ("2021-10-29", "USD", "1.1645"),
    ("2021-11-30", "USD", "1.1363"),
    ("2025-10-31", "USD", "1.25"),
    ("2025-11-28", "USD", "1.2"),
    ("2026-01-30", "USD", "1.1919"),
    ("2026-02-27", "USD", "1.1805"),
    ("2021-10-29", "TRY", "11.1393"),
    ("2021-11-30", "TRY", "14.9342"),
)

_COLUMNS = (
    "external_org_id",
    "mrr",
    "currency",
    "start_at",
    "end_at",
    "status",
    "source_subscription_id",
)


@dataclass(frozen=True)
class Case:
    """A company and its subscription files, one per import or none."""

    files: tuple[str | None, ...]
    currency: str = "EUR"

    @property
    def organizations(self) -> list[str]:
        rows = [line.split() for file in self.files if file for line in file.strip().splitlines()]
        return sorted({row[0] for row in rows})


def _sheet(rows: str) -> str:
    """Rows of words, one per column, ``-`` for an empty cell; every product is ``pro``."""
    lines = [line.split() for line in rows.strip().splitlines()]
    cells = [["" if word == "-" else word for word in line] for line in lines]
    return csv_text(("product_code", *_COLUMNS), [["pro", *line] for line in cells])


CASES = {
    # Cancellations that are taken back before their end, and a pause that is the first thing known.
    "undo-cancel": Case(
        (
            """
            u1 500 EUR 2025-10-01 2026-06-30 canceled U1
            u2 500 EUR 2025-10-01 - active U2
            u4 500 EUR 2025-10-01 - paused U4
            u5 500 EUR 2025-10-01 2026-06-30 active U5
            """,
            """
            u1 500 EUR 2025-10-01 - active U1
            u2 500 EUR 2025-10-01 2026-06-30 canceled U2
            u4 500 EUR 2025-10-01 - active U4
            u5 500 EUR 2025-10-01 - active U5
            """,
            """
            u1 500 EUR 2025-10-01 - active U1
            u2 500 EUR 2025-10-01 - active U2
            u4 500 EUR 2025-10-01 - active U4
            u5 500 EUR 2025-10-01 - active U5
            """,
        )
    ),
    # One that is taken back after its end, and gaps between rows.
    "come-back": Case(
        (
            """
            r1 100 EUR 2025-01-01 2025-06-30 canceled K1
            r1 120 EUR 2025-09-01 - active K2
            r2 100 EUR 2025-01-01 2025-03-05 canceled K3
            r2 100 EUR 2025-03-20 - active K4
            r3 100 EUR 2025-01-01 2025-03-30 canceled K5
            r3 100 EUR 2025-04-01 - active K6
            r4 100 EUR 2025-01-01 2025-12-31 canceled K7
            """,
            "r4 100 EUR 2025-01-01 - active K7",
            None,
        )
    ),
    # A row that was a mistake, beside one that was not.
    "mistake": Case(
        (
            """
            m1 100 EUR 2025-12-01 - active M1
            m1 900 EUR 2025-12-01 - active M2
            m2 700 EUR 2026-03-01 - active M3
            """,
            None,
            """
            m1 900 EUR 2025-12-01 - void M2
            m2 700 EUR 2026-03-01 - void M3
            """,
        )
    ),
    # Dollars of a company that reports in a falling currency.
    "lira": Case(
        (
            """
            t1 200 USD 2021-06-01 - active T1
            t1 800 USD 2021-06-01 2021-11-15 canceled T2
            """,
            None,
            None,
        ),
        "TRY",
    ),
    # The worked history of "How others define it".
    "worked": Case(
        (
            """
            ash   200 EUR 2025-10-01 2026-02-09 active W1
            ash   150 EUR 2026-02-10 -          active W2
            birch 300 EUR 2025-10-01 2026-02-10 canceled W3
            cedar 100 EUR 2025-10-01 2026-02-14 active W4
            cedar 180 EUR 2026-02-15 -          active W5
            dogwood 120 EUR 2025-10-01 2025-11-30 canceled W6
            dogwood 120 EUR 2026-02-05 -        active W7
            elm   250 EUR 2026-02-12 -          active W8
            fir   400 EUR 2025-12-01 -          active W9
            gum  1000 USD 2025-12-01 -          active W10
            """,
            None,
            None,
        )
    ),
}


def write_case(place: Place, company_id: str, load: int) -> None:
    """Put the files of one import of a case into the landing zone."""
    case, moment = CASES[company_id], IMPORTS[load].replace(tzinfo=None)
    if load == 0:
        names = csv_text(("org_id", "name"), [(org, org.title()) for org in case.organizations])
        place.write(f"{company_id}/imports/organizations/orgs.csv", names, moment)
    if case.files[load]:
        path = f"{company_id}/imports/subscriptions/{load}.csv"
        place.write(path, _sheet(case.files[load]), moment)
