"""The subscriptions import: keys, what counts as a change, and what absent columns leave alone."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingestion.loading.import_file import preview
from tests.ingestion.place import MODIFIED, Place
from tests.ingestion.subscription_sheets import (
    COLUMNS,
    IMPORTS,
    row,
    sheet,
    with_organizations,
)


def judged(place: Place, content: str, company_id: str = "acme") -> Any:
    path = place.folder / "subscriptions.csv"
    path.write_text(content, encoding="utf-8")
    return preview(place.settings, "subscriptions", path, company_id)


def counts(report: Any) -> tuple[int, int, int, int]:
    return report.new, report.updated, report.unchanged, report.error


def codes(report: Any) -> list[tuple[int, str]]:
    return [(error.line, error.code) for error in report.errors]


@pytest.fixture
def applied(place: Place) -> Place:
    with_organizations(place, "o1", "o2")
    with_organizations(place, "o1", company_id="dmy-co")
    with_organizations(place, "o1", company_id="tnd-co")
    place.write(
        f"{IMPORTS}/first.csv",
        sheet(
            row(1, mrr="99", end_at="2024-12-31", status="paused", source_system="crm"),
            row(
                2, mrr="1299", source_system="crm", source_subscription_id="s2", end_at="2024-06-30"
            ),
            row(3, mrr="5", source_subscription_id="s3"),
        ),
    )
    place.quick_load()
    return place


SAME = {
    "spelling of amounts": {"mrr": "€99.00"},
    "decimal comma": {"mrr": "99,00 EUR"},
    "currency in lower case": {"currency": "eur"},
    "form of dates": {"start_at": "1.1.2024", "end_at": "20241231"},
    "slashed dates": {"start_at": "01/01/2024", "end_at": "12/31/2024"},
    "case of status": {"status": "PAUSED"},
    "spaces": {"product_code": " product-1 ", "source_system": " crm "},
}
CHANGED = {
    "amount": {"mrr": "99.01"},
    "currency": {"currency": "USD"},
    "end": {"end_at": "2025-01-01"},
    "no end": {"end_at": ""},
    "status": {"status": "active"},
    "default status": {"status": ""},
    "system": {"source_system": "erp"},
}
FIRST = {"mrr": "99", "end_at": "2024-12-31", "status": "paused", "source_system": "crm"}


def test_row_is_unchanged_whatever_its_spelling(applied: Place) -> None:
    for name, cells in SAME.items():
        assert counts(judged(applied, sheet(row(1, **{**FIRST, **cells})))) == (0, 0, 1, 0), name


def test_row_is_updated_where_any_value_differs(applied: Place) -> None:
    for name, cells in CHANGED.items():
        assert counts(judged(applied, sheet(row(1, **{**FIRST, **cells})))) == (0, 1, 0, 0), name


def test_organization_that_only_events_name_is_unknown(applied: Place) -> None:
    event = '{"event": "x", "user_hash": "%s", "customer_org_id": "seen"}' % ("a" * 64)
    applied.write("acme/apps/web/events/a.jsonl", event)
    applied.quick_load()
    report = judged(applied, sheet(row(1, external_org_id="seen")))
    assert codes(report) == [(2, "unknown_external_org_id")]
    applied.write(f"{IMPORTS}/seen.csv", sheet(row(1, external_org_id="seen")))
    applied.quick_load()
    assert applied.rejects(f"{IMPORTS}/seen.csv") == {2: "unknown_external_org_id"}


def test_key_is_the_senders_id_within_its_system(applied: Place) -> None:
    second = {
        "mrr": "1299",
        "source_system": "crm",
        "source_subscription_id": "s2",
        "end_at": "2024-06-30",
    }
    assert counts(judged(applied, sheet(row(2, **second)))) == (0, 0, 1, 0)
    # Product and start are values then, not the key.
    for cells in ({"product_code": "other"}, {"start_at": "2024-02-01"}):
        assert counts(judged(applied, sheet(row(2, **{**second, **cells})))) == (0, 1, 0, 0)
    for cells in (
        {"source_system": "erp"},
        {"source_system": ""},
        {"source_subscription_id": "S2"},
        {"source_subscription_id": ""},
        {"external_org_id": "o2"},
    ):
        assert counts(judged(applied, sheet(row(2, **{**second, **cells})))) == (1, 0, 0, 0)


def test_key_without_it_is_product_and_start(applied: Place) -> None:
    for cells in ({"product_code": "other"}, {"start_at": "2024-02-01"}, {"external_org_id": "o2"}):
        assert counts(judged(applied, sheet(row(1, **{**FIRST, **cells})))) == (1, 0, 0, 0)


def test_absent_optional_column_leaves_the_stored_value(applied: Place) -> None:
    required = COLUMNS[:5]
    assert counts(judged(applied, sheet(row(1, mrr="99"), columns=required))) == (0, 0, 1, 0)
    applied.write(f"{IMPORTS}/second.csv", sheet(row(1, mrr="120"), row(7), columns=required))
    applied.quick_load()
    newest = applied.records("subscription_versions", "product_code = 'product-1'")[-1]
    assert (newest["version_number"], newest["mrr"]) == (2, Decimal(120))
    assert (newest["end_at"], newest["status"], newest["source_system"]) == (
        date(2024, 12, 31),
        "paused",
        "crm",
    )
    [new] = applied.records("subscription_versions", "product_code = 'product-7'")
    assert (new["end_at"], new["status"], new["source_system"]) == (None, "active", None)


def test_absent_source_system_is_empty_in_the_key(applied: Place) -> None:
    columns = (*COLUMNS[:5], "source_subscription_id")
    rows = [
        row(2, mrr="1299", source_subscription_id="s2"),
        row(3, mrr="5", source_subscription_id="s3"),
    ]
    assert counts(judged(applied, sheet(*rows, columns=columns))) == (1, 0, 1, 0)


def test_end_that_is_kept_may_not_come_before_a_new_start(applied: Place) -> None:
    columns = (*COLUMNS[:5], "source_system", "source_subscription_id")
    moved = row(2, source_system="crm", source_subscription_id="s2", start_at="2024-07-01")
    report = judged(applied, sheet(moved, columns=columns))
    assert codes(report) == [(2, "end_before_start")]


def test_two_rows_of_one_key_are_both_refused_with_a_hint(applied: Place) -> None:
    report = judged(applied, sheet(row(5), row(6), row(5, mrr="20")))
    assert codes(report) == [(2, "duplicate_key"), (4, "duplicate_key")]
    assert "source_subscription_id" in report.errors[0].message
    # Even where they are equal, in other words.
    report = judged(applied, sheet(row(5), row(5, mrr="10,00", start_at="1.1.2024")))
    assert codes(report) == [(2, "duplicate_key"), (3, "duplicate_key")]
    assert counts(report) == (0, 0, 0, 2)


def test_senders_ids_tell_rows_of_one_product_and_start_apart(applied: Place) -> None:
    rows = [row(5, source_subscription_id=sent_id) for sent_id in ("a", "b", "")]
    assert counts(judged(applied, sheet(*rows))) == (3, 0, 0, 0)
    rows = [
        row(n, source_system=system, source_subscription_id="a") for n, system in enumerate("xy")
    ]
    assert counts(judged(applied, sheet(*rows))) == (2, 0, 0, 0)
    rows = [row(n, source_subscription_id="a") for n in (5, 6)]
    assert codes(judged(applied, sheet(*rows))) == [(2, "duplicate_key"), (3, "duplicate_key")]


def test_keys_of_rows_with_other_errors_count_as_well(applied: Place) -> None:
    report = judged(applied, sheet(row(5), row(5, mrr="free")))
    assert sorted(codes(report)) == [(2, "duplicate_key"), (3, "duplicate_key"), (3, "mrr_invalid")]
    report = judged(applied, sheet(row(5, external_org_id="no"), row(5, external_org_id="no")))
    assert {code for _, code in codes(report)} == {"duplicate_key", "unknown_external_org_id"}
    # A key that cannot be read is none.
    assert codes(judged(applied, sheet(row(5), row(5, start_at="?")))) == [(3, "date_invalid")]


def test_date_order_is_the_companys(applied: Place) -> None:
    content = sheet(row(1, start_at="05/03/2024", end_at="06/03/2024"))
    assert counts(judged(applied, content, "dmy-co")) == (1, 0, 0, 0)
    assert {code for _, code in codes(judged(applied, content))} == {"date_ambiguous"}


def test_companys_own_currency_and_euro_need_no_rates(applied: Place) -> None:
    assert counts(judged(applied, sheet(row(1, currency="TND")), "tnd-co")) == (1, 0, 0, 0)
    assert counts(judged(applied, sheet(row(11, currency="EUR")))) == (1, 0, 0, 0)


def test_required_columns_and_aliases(applied: Place) -> None:
    header = "Org_ID;PRODUCT_CODE;mrr;currency;start_at;unknown\n"
    assert counts(judged(applied, f"{header}o1;new;1,5;eur;2024-01-01;x\n")) == (1, 0, 0, 0)
    for missing in COLUMNS[:5]:
        columns = tuple(name for name in COLUMNS if name != missing)
        applied.write(f"{IMPORTS}/no-{missing}.csv", sheet(row(1), columns=columns))
    applied.quick_load()
    refused = applied.rows("rejected_files", "reason, detail")
    assert len(refused) == 5
    assert {reason for reason, _ in refused} == {"missing_column"}
    assert all(any(name in detail for _, detail in refused) for name in COLUMNS[:5])


def test_short_row_has_empty_cells(applied: Place) -> None:
    content = f"{','.join(COLUMNS)}\no1,short,5,EUR,2024-01-01\no1,shorter,5\n"
    report = judged(applied, content)
    assert counts(report) == (1, 0, 0, 1)
    assert codes(report) == [(3, "missing_value"), (3, "missing_value")]


def test_subscriptions_apply_by_time_then_path(applied: Place) -> None:
    for hour, name, amount in ((9, "z.csv", "1"), (10, "y.csv", "2"), (11, "x.csv", "3")):
        applied.write(f"{IMPORTS}/{name}", sheet(row(8, mrr=amount)), MODIFIED.replace(hour=hour))
    applied.quick_load()
    found = applied.rows(
        "subscription_versions", "version_number, mrr", "product_code = 'product-8'"
    )
    assert [(number, int(mrr)) for number, mrr in found] == [(1, 1), (2, 2), (3, 3)]
