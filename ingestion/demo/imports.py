"""The import files of the demo: customer lists, subscription exports, dismissals."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from ingestion.demo.billing import Subscription
from ingestion.demo.csv_forms import amount_text, date_text, end_text, status_text, to_csv
from ingestion.demo.organizations import Organization
from ingestion.demo.profiles import COMPANIES, Company, Size
from ingestion.demo.writer import LandingWriter

_SUBSCRIPTION_COLUMNS = ["mrr", "currency", "start_at", "end_at", "status"]
_LATER_FILE_SHARE = 10
"""One organization in so many is only in the later customer list."""


def write_imports(
    writer: LandingWriter,
    size: Size,
    organizations: Sequence[Organization],
    subscriptions: Sequence[Subscription],
) -> None:
    """Write all import files of all demo companies."""
    for company in COMPANIES:
        own = [org for org in organizations if org.company_id == company.company_id]
        rows = [row for row in subscriptions if row.organization.company_id == company.company_id]
        _write_organizations(writer, size, company, [org for org in own if org.is_imported])
        _write_subscriptions(writer, size, company, rows)
        _write_dismissals(writer, size, company, own)


def _write_organizations(
    writer: LandingWriter, size: Size, company: Company, organizations: list[Organization]
) -> None:
    folder = f"{company.company_id}/imports/organizations"
    early = [[org.external_org_id, org.display_name] for org in organizations]
    late = [row for number, row in enumerate(early) if number % _LATER_FILE_SHARE == 9]
    early = [row for row in early if row not in late]
    renamed = [[early[0][0], early[0][1] + " Europe"]] if early else []
    wrong = [["", "No Id Ltd"], ["org-too-long-" + "x" * 250, "Long Id Ltd"]]
    wrong += [["org_90001", "Twin Works BV"], ["org_90001", "Twin Works Europe BV"]]
    if company.has_source_ids:
        first = to_csv(["Org_ID", "Name"], early, ";", bom=True)
        header = ["external_org_id", "display_name", "segment"]
        second = to_csv(header, [[*row, "smb"] for row in late + renamed + late[:1] + wrong])
    else:
        first = to_csv(["organization_id", "org_name"], early)
        second = to_csv(["customer_org_id", "display_name"], late + renamed)
    writer.write(f"{folder}/{_day(size, 60)}-customers.csv", first, _at(size, 60, 6))
    writer.write(f"{folder}/{_day(size, 3)}-customers.csv", second, _at(size, 3, 6))
    if company.has_source_ids:
        wrong_header = to_csv(["account", "display_name"], early[:3])
        writer.write(f"{folder}/{_day(size, 2)}-accounts.csv", wrong_header, _at(size, 2, 6))


def _write_subscriptions(
    writer: LandingWriter, size: Size, company: Company, rows: list[Subscription]
) -> None:
    folder = f"{company.company_id}/imports/subscriptions"
    # Before the later customer list: its organizations' rows wait for it.
    first = _Export(company, ";" if company.has_source_ids else ",")
    lines = first.lines(rows)
    if company.has_source_ids:
        lines += _wrong_rows(rows[0], first)
    writer.write(
        f"{folder}/{_day(size, 5)}-subscriptions.csv", first.to_csv(lines), _at(size, 5, 7)
    )
    if not rows:
        return
    # A newer export repeats rows as they are, in other spellings, and changes some.
    second = _Export(company, ",", shift=3)
    raised = [replace(row, mrr=row.mrr + Decimal(10)) for row in rows[3:5]]
    again = second.lines(rows[:3]) + second.lines(raised, start=3)
    if not company.has_source_ids:
        # Without a date_order one meaning must be possible; here two are.
        ambiguous = second.lines(rows[:1])[0]
        ambiguous[second.header.index("start_at")] = "05/03/2024"
        again.append(ambiguous)
    writer.write(
        f"{folder}/{_day(size, 1)}-changes.csv.gz",
        second.to_csv(again, packed=True),
        _at(size, 1, 7),
    )


class _Export:
    """One subscriptions file: its columns, its delimiter and the forms of its cells."""

    def __init__(self, company: Company, delimiter: str, shift: int = 0) -> None:
        self.company = company
        self.delimiter = delimiter
        self.shift = shift
        ids = ["source_system", "source_subscription_id"] if company.has_source_ids else []
        self.header = ["external_org_id", "product_code", *_SUBSCRIPTION_COLUMNS, *ids]

    def lines(self, rows: Iterable[Subscription], start: int = 0) -> list[list[str]]:
        """The cells of every row; the numbering makes the source ids."""
        return [self._cells(row, number) for number, row in enumerate(rows, start)]

    def to_csv(self, lines: list[list[str]], packed: bool = False) -> bytes:
        """The file."""
        return to_csv(self.header, lines, self.delimiter, packed=packed)

    def _cells(self, row: Subscription, number: int) -> list[str]:
        form = number + self.shift
        cells = [
            row.organization.external_org_id,
            row.product_code,
            amount_text(row.mrr, row.currency, form),
            row.currency if form % 3 else row.currency.lower(),
            date_text(row.start_at, form),
            end_text(row.end_at, form),
            status_text(row.status, form),
        ]
        return cells + (["billing", f"sub_{number:06d}"] if self.company.has_source_ids else [])


def _wrong_rows(example: Subscription, export: _Export) -> list[list[str]]:
    """One row for each way in which a subscription can break a rule."""
    changes: list[dict[str, str]] = [
        {"mrr": "1,29,9"},
        {"mrr": "-5"},
        {"mrr": "\u00a399", "currency": "EUR"},
        {"mrr": ""},
        {"currency": "EURO", "mrr": "99"},
        {"currency": "AED", "mrr": "99"},
        {"start_at": "2026-02-30"},
        {"start_at": "2025-06-01", "end_at": "2025-05-01"},
        {"status": "sleeping"},
        {"external_org_id": "org_99999"},
        {"source_subscription_id": "sub_twice"},
        {"source_subscription_id": "sub_twice"},
    ]
    lines = []
    for number, change in enumerate(changes):
        cells = dict(zip(export.header, export.lines([example], 900_000 + number)[0], strict=True))
        lines.append(list((cells | change).values()))
    return lines


def _write_dismissals(
    writer: LandingWriter, size: Size, company: Company, organizations: list[Organization]
) -> None:
    quiet = [org.external_org_id for org in organizations if org.story == "stopped"]
    day = _day(size, 1)
    reason = "Moving to a new team, back next month"
    rows = [[org_id, "inactive_paying", day, reason, "cs"] for org_id in quiet[:1]]
    if company.has_source_ids:
        rows += [
            ["org_99999", "usage_drop", day, "", "cs"],
            ["org_00001", "bad_mood", day, "", "cs"],
            ["org_00001", "usage_drop", "soon", "", "cs"],
        ]
    header = ["external_org_id", "signal_type", "dismissed_at", "reason", "dismissed_by"]
    path = f"{company.company_id}/imports/dismissals/{day}-dismissals.csv"
    writer.write(path, to_csv(header, rows), _at(size, 1, 8))


def _day(size: Size, before: int) -> str:
    return (size.as_of - timedelta(days=before)).isoformat()


def _at(size: Size, before: int, hour: int) -> datetime:
    return datetime.combine(size.as_of - timedelta(days=before), time(hour))
