"""Warnings of imports: what a file may mean other than it says, against what is stored."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.loading.import_file import MAX_SHOWN, ImportReport, preview
from tests.ingestion.place import MODIFIED, Place, csv_text
from tests.ingestion.subscription_sheets import COLUMNS, IMPORTS, sheet
from tests.oracle.imports import overlap

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RATES = (
    "rate_date,currency,units_per_eur\n2026-01-30,USD,1.25\n2025-01-30,USD,2\n2026-03-01,GBP,0.8\n"
)


def subscription(org_id: str, product: str, mrr: str, **cells: str) -> dict[str, str]:
    base = {
        "currency": "EUR",
        "start_at": "2025-01-01",
        "status": "active",
        "source_system": "bill",
    }
    return {**base, "external_org_id": org_id, "product_code": product, "mrr": mrr, **cells}


def sent(org_id: str, sent_id: str, mrr: str, product: str = "pro", **cells: str) -> dict[str, str]:
    return subscription(org_id, product, mrr, source_subscription_id=sent_id, **cells)


@pytest.fixture
def place(place: Place) -> Place:
    place.now = NOW
    (place.folder / "seeds" / "exchange_rates.csv").write_text(RATES)
    organizations = csv_text(("org_id", "name"), [(name, name) for name in ("a", "b", "c")])
    place.write("acme/imports/organizations/orgs.csv", organizations)
    place.quick_load()
    return place


def store(place: Place, *rows: dict[str, str], name: str = "first.csv", hour: int = 9) -> None:
    place.write(f"{IMPORTS}/{name}", sheet(*rows), MODIFIED.replace(hour=hour))
    place.quick_load()


def judged(place: Place, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> ImportReport:
    path = place.folder / "subscriptions.csv"
    path.write_text(sheet(*rows, columns=columns), encoding="utf-8")
    return preview(place.settings, "subscriptions", path, "acme")


def warned(report: ImportReport) -> list[tuple[str, int, str | None]]:
    return [(item.warning, item.line_number, item.external_org_id) for item in report.warnings]


def test_row_that_vanished_goes_on_counting(place: Place) -> None:
    first = [sent("a", "V1", "100"), sent("b", "V2", "200"), sent("c", "V3", "300")]
    assert warned(judged(place, *first)) == []
    store(place, *first)
    report = judged(place, *first[:2])
    assert warned(report) == [("stored_rows_absent", 1, "c")]
    [warning] = report.warnings
    assert "1 stored row is not in this file: 300.00 a month go on counting" in warning.detail
    assert "300.00 EUR of c, pro" in warning.detail
    assert (report.mrr_before, report.mrr_after) == (Decimal(600), Decimal(600))
    # The file's organizations, also without a system; the largest is named.
    report = judged(place, subscription("c", "addon", "1", source_system=""))
    assert warned(report) == [("stored_rows_absent", 1, "c")]
    assert "1 stored row is" in report.warnings[0].detail
    report = judged(place, sent("a", "new", "1", "addon"))
    assert "3 stored rows are not in this file: 600.00 a month" in report.warnings[0].detail


def test_only_rows_that_count_today_go_on_counting(place: Place) -> None:
    store(
        place,
        sent("a", "V1", "100"),
        sent("a", "V2", "1", "ended", end_at="2026-03-01"),
        sent("a", "V3", "2", "paused", status="paused"),
        sent("a", "V4", "4", "undated", status="canceled"),
        sent("a", "V5", "8", "later", start_at="2026-03-03"),
        sent("a", "V6", "16", "mistake", status="void"),
        sent("a", "V7", "32", "ending", status="canceled", end_at="2026-03-02"),
        sent("b", "V8", "64", source_system="other"),
    )
    # A refused row is in the file as well.
    report = judged(place, sent("a", "V1", "free"))
    assert report.warnings[0].detail.startswith("1 stored row is not in this file: 32.00 a month")
    assert report.mrr_before == report.mrr_after == Decimal(196)


def test_id_that_moved_to_another_organization_counts_twice(place: Place) -> None:
    store(place, sent("a", "S1", "100"), sent("b", "S2", "50"))
    report = judged(place, sent("b", "S1", "100", "other"), sent("b", "S2", "50"))
    assert warned(report) == [
        ("id_in_another_organization", 2, "b"),
        ("stored_rows_absent", 1, "a"),
    ]
    assert "S1 is stored for a" in report.warnings[0].detail
    assert (report.mrr_before, report.mrr_after) == (Decimal(150), Decimal(250))
    # Not where the other row ends before, in the same file, is void, or is of another system.
    moved = sent("b", "S1", "100", "other", start_at="2026-02-01")
    for former in (
        sent("a", "S1", "100", end_at="2026-01-31", status="canceled"),
        sent("a", "S1", "100", status="void"),
    ):
        report = judged(place, former, moved, sent("b", "S2", "50"))
        assert warned(report) == []
    report = judged(place, {**moved, "source_system": "crm"}, sent("a", "S1", "100"))
    assert [name for name, *_ in warned(report)] == ["stored_rows_absent"]


def test_switch_on_the_last_day_counts_both(place: Place) -> None:
    switches = [
        sent("a", "A1", "100", "starter", end_at="2026-01-31", status="canceled"),
        sent("a", "A2", "150", "pro", start_at="2026-01-31"),
        sent("b", "B1", "100", "starter", end_at="2026-02-15", status="canceled"),
        sent("b", "B2", "150", "pro", start_at="2026-02-15"),
        sent("c", "C1", "100", "starter", end_at="2026-01-31", status="canceled"),
        sent("c", "C2", "150", "pro", start_at="2026-02-01"),
    ]
    report = judged(place, *switches)
    assert warned(report) == [("same_product_overlaps", 3, "a"), ("same_product_overlaps", 5, "b")]
    assert "starter from 2025-01-01 to 2026-01-31 (line 2) count on 2026-01-31" in (
        report.warnings[0].detail
    )
    # The old row is stored open, and ends in the file that brings the new one.
    store(place, *({**row, "end_at": "", "status": "active"} for row in switches[::2]))
    assert warned(judged(place, *switches))[:2] == warned(report)


def test_moved_start_late_id_and_late_system_overlap(place: Place) -> None:
    store(place, subscription("a", "pro", "100", source_system=""), sent("b", "S1", "50"))
    for moved in (
        subscription("a", "pro", "100", source_system="", start_at="2025-01-02"),
        subscription("a", "pro", "100", source_system="", start_at="2024-12-31"),
        sent("a", "late", "100", source_system=""),
    ):
        report = judged(place, moved)
        assert [name for name, *_ in warned(report)] == [
            "same_product_overlaps",
            "stored_rows_absent",
        ]
        assert "pro from 2025-01-01 on (stored) count from 2025-01-0" in report.warnings[0].detail
    report = judged(place, sent("b", "S1", "50", source_system="crm"))
    assert ("same_product_overlaps", 2, "b") in warned(report)
    before = subscription("a", "pro", "100", start_at="2024-01-01", end_at="2024-12-31")
    assert "same_product_overlaps" not in str(warned(judged(place, before)))
    for status in ("paused", "void", "canceled"):
        late = subscription(
            "a", "pro", "100", source_system="", start_at="2026-01-01", status=status
        )
        assert "same_product_overlaps" not in str(warned(judged(place, late)))


def test_row_that_never_counts_is_told_when_it_comes(place: Place) -> None:
    rows = [
        sent("a", "1", "5", "p1", status="paused"),
        sent("a", "2", "5", "p2", status="canceled"),
        sent("a", "3", "5", "p3", status="canceled", end_at="2026-06-30"),
        sent("a", "4", "5", "p4", status="void"),
    ]
    report = judged(place, *rows)
    assert warned(report) == [("never_counts", 2, "a"), ("never_counts", 3, "a")]
    assert report.mrr_after == Decimal(5)
    store(place, *rows[2:], sent("a", "1", "5", "p1"))
    assert warned(judged(place, *rows)) == [("never_counts", 3, "a")]


def test_amount_that_changes_under_its_key_restates_the_past(place: Place) -> None:
    store(place, sent("a", "1", "100"), sent("b", "2", "5.125"), sent("c", "3", "7.00"))
    report = judged(
        place,
        sent("a", "1", "120"),
        sent("b", "2", "5.125", currency="GBP"),
        sent("c", "3", "7.00"),
    )
    assert warned(report) == [("amount_restated", 2, "a"), ("amount_restated", 3, "b")]
    assert "100.00 EUR becomes 120.00 EUR" in report.warnings[0].detail
    assert "5.125 EUR becomes 5.125 GBP" in report.warnings[1].detail
    # 5.125 is rounded half up; 5.125 / 0.8 = 6.40625
    assert (report.mrr_before, report.mrr_after) == (Decimal("112.13"), Decimal("133.41"))


def test_rate_of_over_a_month_ago_is_stale(place: Place) -> None:
    rows = [sent("a", "1", "10", currency="GBP"), sent("b", "2", "10", currency="USD")]
    place.now = datetime(2026, 3, 2, tzinfo=UTC)
    report = judged(place, *rows)
    assert report.warnings == []
    assert report.mrr_after == Decimal("12.50") + Decimal("8.00")
    place.now = datetime(2026, 3, 3, tzinfo=UTC)
    report = judged(place, *rows)
    assert warned(report) == [("stale_rate", 3, None)]
    assert "USD" in report.warnings[0].detail
    assert "2026-01-30" in report.warnings[0].detail


def test_two_headings_of_one_column_and_a_total_are_warned(place: Place) -> None:
    columns = csv_text(
        ("external_org_id", "org_id", "name", "name", "note"),
        [("x", "y", "", "X", ""), ("", "", "Gesamt:", "", "")],
    )
    path = place.folder / "orgs.csv"
    path.write_text(columns)
    report = preview(place.settings, "organizations", path, "acme")
    assert [(item.warning, item.line_number) for item in report.warnings] == [
        ("unknown_column", 1),
        ("column_twice", 1),
        ("total_row", 3),
    ]
    twice = report.warnings[1].detail
    assert "external_org_id and org_id mean external_org_id: of each row the first" in twice
    assert "name and name mean display_name" in twice
    assert (report.new, report.mrr_before) == (1, None)


@pytest.mark.parametrize("name", ["TOTAL", "Grand total", "Sum", "summe:", "Итого"])
def test_total_row_is_told_also_where_it_is_refused(place: Place, name: str) -> None:
    rows = [sent("a", "1", "10"), {"product_code": name, "mrr": "10"}]
    assert ("total_row", 3, "") in warned(judged(place, *rows))
    assert warned(judged(place, *reversed(rows))) == []
    assert warned(judged(place, sent("a", "1", "10", "Total Energies"))) == []


def test_file_of_many_rows_with_one_key_has_a_bounded_report(place: Place) -> None:
    rows = 16_000
    path = place.folder / "subscriptions.csv"
    path.write_text(
        "external_org_id,product_code,mrr,currency,start_at\n"
        + "".join(f"a,seat,{5 + number % 3},EUR,2025-02-01\n" for number in range(rows))
    )
    report = preview(place.settings, "subscriptions", path, "acme")
    assert (report.error, len(report.errors)) == (rows, MAX_SHOWN)
    assert report.more_errors == {"duplicate_key": rows - MAX_SHOWN}
    assert "lines 2, 3, 4, 5, 6 and 15,995 more have one key" in report.errors[0].message


def test_many_rows_of_one_product_and_one_id_are_compared_in_linear_time(place: Place) -> None:
    """Pairs would be 400 million of each kind."""
    ids = [sent("a", f"S{number}", "1") for number in range(20_000)]
    report = judged(place, *ids)
    assert len(report.warnings) == MAX_SHOWN
    assert report.more_warnings == {"same_product_overlaps": 20_000 - 1 - MAX_SHOWN}


def test_warnings_are_kept_with_the_import(place: Place) -> None:
    store(place, sent("a", "V1", "100"), sent("b", "V2", "200"))
    assert place.rows("import_warnings", "warning") == []
    store(place, sent("a", "V1", "120"), name="second.csv", hour=10)
    found = place.records("import_warnings")
    assert {(row["warning"], row["line_number"], row["external_org_id"]) for row in found} == {
        ("stored_rows_absent", 1, "b"),
        ("amount_restated", 2, "a"),
    }
    assert {(row["company_id"], row["kind"], row["path"]) for row in found} == {
        ("acme", "subscriptions", f"{IMPORTS}/second.csv")
    }
    assert {row["applied_at"] for row in found} == {NOW.replace(tzinfo=None)}
    # Two files of one load: the second is compared with what the first left.
    place.write(f"{IMPORTS}/third.csv", sheet(sent("a", "V1", "130")), MODIFIED.replace(hour=11))
    place.write(f"{IMPORTS}/fourth.csv", sheet(sent("a", "V1", "140")), MODIFIED.replace(hour=12))
    place.quick_load()
    details = [row["detail"] for row in place.records("import_warnings", "path like '%fourth%'")]
    assert any("130.00 EUR becomes 140.00 EUR" in detail for detail in details)


def test_refused_row_is_warned_about_when_it_is_applied_after_all(place: Place) -> None:
    store(place, sent("later", "V1", "100", status="paused"))
    assert place.rows("import_warnings") == []
    place.write("acme/imports/organizations/later.csv", "org_id,name\nlater,Later\n")
    place.quick_load()
    assert place.rows("import_warnings", "warning, line_number") == [("never_counts", 2)]


DAYS = st.integers(0, 40).map(lambda number: date(2026, 1, 1) + timedelta(number))


@dataclass(frozen=True)
class Drawn:
    """A row of one organization; ``days`` is None where it has no end."""

    product: str
    start_at: date
    days: int | None
    status: str

    @property
    def period(self) -> tuple[date, date | None]:
        return self.start_at, None if self.days is None else self.start_at + timedelta(self.days)

    @property
    def counts(self) -> bool:
        return self.status == "active" or (self.status == "canceled" and self.days is not None)

    def cells(self, org_id: str, sent_id: str) -> dict[str, str]:
        start, end = self.period
        dates = {"start_at": start.isoformat(), "end_at": end.isoformat() if end else ""}
        return sent(org_id, sent_id, "1", self.product, status=self.status, **dates)


STATUSES = st.sampled_from(("active", "active", "canceled", "paused", "void"))
ROWS = st.lists(
    st.builds(
        Drawn, st.sampled_from(("pro", "addon")), DAYS, st.none() | st.integers(0, 20), STATUSES
    ),
    max_size=5,
)


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(ROWS, ROWS), min_size=30, max_size=30))
def test_overlaps_are_those_of_the_definition(place: Place, organizations: list) -> None:
    """Compared pair by pair, in plain Python: stored rows and new ones of many organizations."""
    names = [f"o{number}" for number in range(len(organizations))]
    stored = [
        row.cells(name, f"{name}-{number}")
        for name, (rows, _) in zip(names, organizations, strict=True)
        for number, row in enumerate(rows)
    ]
    new = [
        (name, row, rows + [other for other in fresh if other is not row])
        for name, (rows, fresh) in zip(names, organizations, strict=True)
        for row in fresh
    ]
    place.settings.warehouse.unlink(missing_ok=True)
    organizations_file = csv_text(("org_id", "name"), [(name, name) for name in names])
    place.write("acme/imports/organizations/orgs.csv", organizations_file)
    place.write(f"{IMPORTS}/first.csv", sheet(*stored))
    second = sheet(*(row.cells(name, f"new-{n}") for n, (name, row, _) in enumerate(new)))
    place.write(f"{IMPORTS}/second.csv", second, MODIFIED.replace(hour=20))
    place.quick_load()
    where = f"warning = 'same_product_overlaps' and path = '{IMPORTS}/second.csv'"
    lines = place.rows("import_warnings", "line_number", where)
    found = {line - 2 for (line,) in lines}
    expected, possible = set(), set()
    for number, (_, row, others) in enumerate(new):
        for other in (other for other in others if row.counts and other.counts):
            is_new = any(other is fresh for _, fresh, _ in new)
            if other.period[1] == row.start_at:
                expected.add(number)
            elif row.product == other.product and overlap(row.period, other.period):
                # The new row that starts later is named; of equal ones either.
                if not is_new or other.start_at < row.start_at:
                    expected.add(number)
                elif other.start_at == row.start_at:
                    possible.add(number)
    assert expected <= found <= expected | possible
