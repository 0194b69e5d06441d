"""What a file may mean other than it says. A warning refuses nothing.

Source: "Preview and apply" of the input contract. What needs the stored subscriptions is found in
``comparison.py``; here is what the sheet alone tells.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ingestion.imports.kinds import ParsedRow
from ingestion.imports.sheet import Sheet
from ingestion.reference import Company, Registry

STALE_AFTER = timedelta(days=31)
MAX_SHOWN = 200  # characters of names and headings that are not ours

_TOTAL = re.compile(
    r"\W*(?:(?:grand|sub)[ -]?)?(?:totals?|sum|summe|gesamt(?:summe)?|insgesamt|totale?|totaal|suma"
    r"|somme|soma|razem|итого|合計|合计)\W*",
    re.IGNORECASE,
)
_NAMES = ("external_org_id", "display_name", "product_code", "source_subscription_id")


@dataclass(frozen=True)
class ImportWarning:
    """What is odd, and where: the line of a row, or of the headings for the file as a whole."""

    warning: str
    line_number: int
    external_org_id: str | None
    product_code: str | None
    detail: str


def sheet_warnings(sheet: Sheet) -> list[ImportWarning]:
    """Headings that are ignored or there twice, and a last row that looks like a total."""
    found = []
    if sheet.unknown_columns:
        names = ", ".join(sheet.unknown_columns)[:MAX_SHOWN]
        found.append(_of_file("unknown_column", sheet.header_line, f"ignored: {names}"))
    if sheet.columns_twice:
        detail = "; ".join(
            f"{' and '.join(names)} mean {column}: of each row the first that is filled is read"
            for column, names in sheet.columns_twice.items()
        )
        found.append(_of_file("column_twice", sheet.header_line, detail))
    last = sheet.rows[-1] if sheet.rows else None
    total = last and next(
        (last.cells[name] for name in _NAMES if _TOTAL.fullmatch(last.cells.get(name, ""))), None
    )
    if last and total:
        ids = last.cells["external_org_id"], last.cells.get("product_code") or None
        detail = f"the last row is named {total!r}: if it is a total, take it out of the file"
        found.append(ImportWarning("total_row", last.line, *ids, detail))
    return found


def stale_rates(
    rows: Iterable[ParsedRow], company: Company, registry: Registry, today: date
) -> list[ImportWarning]:
    """One warning per currency whose last rate is too old to convert accepted rows by."""
    first_lines: dict[str, int] = {}
    for parsed in rows:
        if parsed.values["currency"] != company.reporting_currency:
            for currency in (parsed.values["currency"], company.reporting_currency):
                first_lines.setdefault(currency, parsed.row.line)
    found = []
    for currency, line in sorted(first_lines.items(), key=lambda item: item[1]):
        last_day = registry.rates.last_day(currency)
        if last_day and today - last_day > STALE_AFTER:
            age = (today - last_day).days
            detail = (
                f"the last rate of {currency} in seeds/exchange_rates.csv is of {last_day}, "
                f"{age:,} days ago: amounts are converted by it until there is a newer one"
            )
            found.append(_of_file("stale_rate", line, detail))
    return found


def _of_file(warning: str, line: int, detail: str) -> ImportWarning:
    return ImportWarning(warning, line, None, None, detail)
