"""The subscriptions import: the rules of each cell, and what is stored."""

from datetime import date
from decimal import Decimal

import pytest

from ingestion.loading.import_file import preview
from tests.ingestion.place import MODIFIED, Place
from tests.ingestion.subscription_sheets import IMPORTS, row, sheet, with_organizations
from tests.oracle.imports import STATUSES

# Cells that differ from a good row, and the reasons to refuse it ('' = accepted).
ROWS: tuple[tuple[dict[str, str], str], ...] = (
    ({}, ""),
    ({"external_org_id": ""}, "missing_value"),
    ({"product_code": ""}, "missing_value"),
    ({"mrr": ""}, "missing_value"),
    ({"currency": ""}, "missing_value"),
    ({"start_at": ""}, "missing_value"),
    ({"start_at": " "}, "missing_value"),
    ({"external_org_id": "nobody"}, "unknown_external_org_id"),
    ({"external_org_id": "O1"}, "unknown_external_org_id"),
    ({"external_org_id": "seen"}, "unknown_external_org_id"),
    ({"mrr": "0"}, ""),
    ({"mrr": "€99,00"}, ""),
    ({"mrr": "1.299,00 EUR"}, ""),
    ({"mrr": "1,29,9"}, "mrr_invalid"),
    ({"mrr": "free"}, "mrr_invalid"),
    ({"mrr": "1000000000000"}, "mrr_invalid"),
    ({"mrr": "1.00001"}, "mrr_invalid"),
    ({"mrr": "1.299"}, "mrr_ambiguous"),
    ({"mrr": "999999999999.9999"}, ""),
    # More than can be held in euros, at one of the two rates.
    ({"mrr": "849999999999", "currency": "GBP"}, ""),
    ({"mrr": "850000000000", "currency": "GBP"}, "mrr_invalid"),
    ({"mrr": "999999999999", "currency": "JPY"}, ""),
    ({"mrr": "99 per"}, "mrr_invalid"),
    ({"mrr": "-1"}, "mrr_negative"),
    ({"mrr": "$99"}, ""),
    ({"mrr": "¥99"}, ""),
    ({"mrr": "£99"}, "currency_mismatch"),
    ({"mrr": "99 USD"}, "currency_mismatch"),
    ({"mrr": "€99", "currency": "USD"}, "currency_mismatch"),
    ({"mrr": "$99", "currency": "JPY"}, ""),
    ({"mrr": "£99", "currency": "gbp"}, ""),
    ({"mrr": "99 usd", "currency": "Usd"}, ""),
    ({"currency": "eur"}, ""),
    ({"currency": "EURO"}, "currency_invalid"),
    ({"currency": "€"}, "currency_invalid"),
    ({"currency": "ZZZ"}, "currency_invalid"),
    ({"currency": "TND"}, "no_exchange_rate"),
    ({"start_at": "2024-02-30"}, "date_invalid"),
    ({"start_at": "05/03/2024"}, "date_ambiguous"),
    ({"start_at": "25/03/2024"}, ""),
    ({"start_at": "NULL"}, "date_invalid"),
    ({"end_at": "05/03/2024"}, "date_ambiguous"),
    ({"end_at": "someday"}, "date_invalid"),
    ({"end_at": "2023-12-31"}, "end_before_start"),
    ({"end_at": "2024-01-01"}, ""),
    ({"end_at": "n/a"}, ""),
    ({"end_at": "NIL"}, ""),
    ({"end_at": "-"}, ""),
    ({"end_at": "9999-12-31"}, ""),
    ({"start_at": "9999-12-31"}, "date_invalid"),
    ({"start_at": "2026-03-01T00:00:00+01:00"}, ""),
    ({"status": "Active"}, ""),
    ({"status": "CANCELLED"}, ""),
    ({"status": "canceled"}, ""),
    ({"status": "paused"}, ""),
    ({"status": "Past_Due"}, ""),
    ({"status": "VOID"}, ""),
    ({"status": "trialing"}, "status_invalid"),
    ({"status": "null"}, "status_invalid"),
    ({"source_system": "crm"}, ""),
    ({"source_subscription_id": "s'1;\"🎉"}, ""),
    ({"source_system": "crm", "source_subscription_id": "s2"}, ""),
    ({"product_code": "p" * 255}, ""),
    (
        {
            "external_org_id": "nobody",
            "mrr": "x",
            "currency": "ZZZ",
            "start_at": "2024-13-01",
            "end_at": "?",
            "status": "?",
        },
        "currency_invalid,date_invalid,mrr_invalid,status_invalid,unknown_external_org_id",
    ),
    (
        {"mrr": "-5", "currency": "TND", "end_at": "2020-01-01"},
        "end_before_start,mrr_negative,no_exchange_rate",
    ),
)


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    place = module_place
    # Organizations are applied first although their file is newer.
    with_organizations(place, "o1", "o2")
    rows = [row(number, **cells) for number, (cells, _) in enumerate(ROWS)]
    place.write(f"{IMPORTS}/rules.csv", sheet(*rows), MODIFIED.replace(month=1))
    event = '{"event": "x", "user_hash": "%s", "customer_org_id": "seen"}' % ("a" * 64)
    place.write("acme/apps/web/events/a.jsonl", event)
    place.load()
    return place


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: str(ROWS[number][0])[:60])
def test_row_is_refused_for_its_reasons_or_applied(loaded: Place, number: int) -> None:
    _, reasons = ROWS[number]
    assert loaded.rejects(f"{IMPORTS}/rules.csv").get(number + 2, "") == reasons
    versions = loaded.records("subscription_versions", f"line_number = {number + 2}")
    assert len(versions) == (0 if reasons else 1)


def test_values_are_stored_normalized(loaded: Place) -> None:
    by_line = {
        version["line_number"] - 2: version for version in loaded.records("subscription_versions")
    }
    stored = {number: by_line[number] for number, (_, reasons) in enumerate(ROWS) if not reasons}
    for number, (cells, _) in enumerate(ROWS):
        if number not in stored:
            continue
        version = stored[number]
        assert version["currency"] == cells.get("currency", "EUR").upper()
        assert version["source_system"] == cells.get("source_system")
        assert version["source_subscription_id"] == cells.get("source_subscription_id")
        assert version["status"] == STATUSES[cells.get("status", "").lower()]
    found = {ROWS[number][0].get("mrr"): version["mrr"] for number, version in stored.items()}
    assert [found["0"], found["€99,00"], found["1.299,00 EUR"]] == [0, 99, 1299]
    assert found["999999999999.9999"] == Decimal("999999999999.9999")
    end_dates = {
        str(ROWS[number][0].get("end_at")): version["end_at"] for number, version in stored.items()
    }
    assert end_dates == {
        "None": None,
        "2024-01-01": date(2024, 1, 1),
        "n/a": None,
        "NIL": None,
        "-": None,
        "9999-12-31": None,
    }
    assert date(2026, 3, 1) in {version["start_at"] for version in stored.values()}


def test_each_subscription_has_an_id_of_its_own(loaded: Place) -> None:
    [(rows, ids)] = loaded.rows(
        "subscription_versions", "count(*), count(distinct subscription_id)"
    )
    assert rows == ids > 20


def test_figures_add_up(loaded: Place) -> None:
    [figures] = loaded.records("loaded_files", "kind = 'subscriptions'")
    [history] = loaded.records("import_history", "kind = 'subscriptions'")
    errors = sum(reasons != "" for _, reasons in ROWS)
    assert (figures["rows_read"], figures["rows_rejected"]) == (len(ROWS), errors)
    assert (figures["rows_accepted"], figures["rows_duplicate"]) == (len(ROWS) - errors, 0)
    assert (history["rows_new"], history["rows_error"]) == (len(ROWS) - errors, errors)


def test_refused_organization_says_what_to_do(loaded: Place) -> None:
    path = loaded.folder / "subscriptions.csv"
    path.write_text(sheet(row(900, external_org_id="nobody")), encoding="utf-8")
    [error] = preview(loaded.settings, "subscriptions", path, "acme").errors
    assert (error.line, error.column, error.value) == (2, "external_org_id", "nobody")
    assert "Import it first in the customer organizations import" in error.message
