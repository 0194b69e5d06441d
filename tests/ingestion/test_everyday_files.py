"""Subscription files as spreadsheets and billing systems write them, from the bytes to raw."""

from datetime import date
from decimal import Decimal

import pytest

from ingestion.errors import UserError
from ingestion.loading.import_file import ImportReport, preview
from tests.ingestion.place import MODIFIED, SEEDS, Place
from tests.ingestion.subscription_sheets import IMPORTS, row, sheet, with_organizations

HEADER = "external_org_id,product_code,mrr,currency,start_at\n"
FILES = {
    "cr line ends": (
        HEADER.strip() + "\ro1,cr,99,EUR,2025-02-01\ro2,cr,49,EUR,2025-02-01\r",
        [("o1", Decimal(99)), ("o2", Decimal(49))],
    ),
    "a separator line": (
        "sep=;\n" + HEADER.replace(",", ";") + "o1;sep;1.299,50;EUR;01.02.2025\n",
        [("o1", Decimal("1299.5"))],
    ),
    "tabs": (
        HEADER.replace(",", "\t") + "o1\ttab\t1,299.50\tEUR\t2025-02-01\r\n",
        [("o1", Decimal("1299.5"))],
    ),
    "records of empty cells": (
        HEADER + "o1,pro,99,EUR,2025-02-01\n" + ",,,,\n" * 150 + ' ,"",,,\n',
        [("o1", Decimal(99))],
    ),
    "amounts of three decimals": (
        HEADER + "o1,yearly,41.667,EUR,2026-01-01\no2,yearly,1300.000,EUR,2026-01-01\n",
        [("o1", Decimal("41.667")), ("o2", Decimal(1300))],
    ),
    "amounts with thousands and no decimals": (
        HEADER.replace(",", ";") + "o1;c;41.667;EUR;2026-01-01\no2;b;1.300,00;EUR;2026-01-01\n",
        [("o1", Decimal(41667)), ("o2", Decimal(1300))],
    ),
}


@pytest.fixture
def place(place: Place) -> Place:
    with_organizations(place, "o1", "o2")
    place.quick_load()
    return place


def judged(place: Place, content: str, company_id: str = "acme") -> ImportReport:
    path = place.folder / "subscriptions.csv"
    path.write_text(content, encoding="utf-8")
    return preview(place.settings, "subscriptions", path, company_id)


def set_decimal_mark(place: Place, mark: str) -> None:
    companies = place.folder / "seeds" / "companies.csv"
    header, acme, *others = SEEDS["companies.csv"].splitlines()
    lines = [f"{header},decimal_mark", f'{acme},"{mark}"', *(f"{line}," for line in others)]
    companies.write_text("\n".join(lines) + "\n")


def test_every_row_is_read_and_nothing_else(place: Place) -> None:
    for number, (name, (content, _)) in enumerate(FILES.items()):
        place.write(f"{IMPORTS}/{name}.csv", content, MODIFIED.replace(hour=number))
    place.quick_load()
    for name, (_, rows) in FILES.items():
        [figures] = place.records("loaded_files", f"path = '{IMPORTS}/{name}.csv'")
        assert (figures["rows_read"], figures["rows_rejected"]) == (len(rows), 0), name
        where = f"source_path = '{IMPORTS}/{name}.csv'"
        found = place.rows("subscription_versions", "external_org_id, mrr", where)
        assert found == rows, name


def test_amount_of_two_readings_needs_evidence_or_the_setting(place: Place) -> None:
    amounts = [row(1, mrr="41.667"), row(2, mrr="12"), row(3, mrr="1 299")]
    report = judged(place, sheet(*amounts))
    assert [(error.line, error.code) for error in report.errors] == [(2, "mrr_ambiguous")]
    message = report.errors[0].message
    assert "41667.00 or 41.667" in message
    assert "decimal_mark" in message
    for mark, value in ((".", "41.667"), (",", "41667")):
        set_decimal_mark(place, mark)
        assert judged(place, sheet(*amounts)).error == 0
        # What the file says goes before what the company says.
        for file_mark, decimals in ((".", "41.667"), (",", "41667")):
            place.write(f"{IMPORTS}/a.csv", sheet(amounts[0], row(4, mrr=f"1{file_mark}5")))
            place.quick_load()
            [version] = place.records("subscription_versions", "product_code = 'product-1'")[-1:]
            assert version["mrr"] == Decimal(decimals)
        place.write(f"{IMPORTS}/b-{ord(mark)}.csv", sheet(row(5, mrr="41.667")))
        place.quick_load()
        version = place.records("subscription_versions", "product_code = 'product-5'")[-1]
        assert version["mrr"] == Decimal(value)


@pytest.mark.parametrize("evidence", ["1.5", "1,5"])
def test_refused_row_that_is_tried_alone_keeps_what_its_file_said(
    place: Place, evidence: str
) -> None:
    waiting = row(1, mrr="41.667", external_org_id="later")
    place.write(f"{IMPORTS}/a.csv", sheet(waiting, row(2, mrr=evidence)))
    place.quick_load()
    assert place.rejects(f"{IMPORTS}/a.csv") == {2: "unknown_external_org_id"}
    place.write("acme/imports/organizations/later.csv", "org_id,name\nlater,Later\n")
    place.quick_load()
    [version] = place.records("subscription_versions", "external_org_id = 'later'")
    assert version["mrr"] == Decimal("41.667" if evidence == "1.5" else "41667")


def test_decimal_mark_of_a_company_is_a_point_a_comma_or_nothing(place: Place) -> None:
    set_decimal_mark(place, "")
    assert judged(place, sheet(row(1))).error == 0
    set_decimal_mark(place, ";")
    with pytest.raises(UserError, match=r"companies\.csv line 2: decimal_mark ';' is not one of"):
        judged(place, sheet(row(1)))


def test_rate_that_is_none_is_named(place: Place) -> None:
    with (place.folder / "seeds" / "exchange_rates.csv").open("a") as stream:
        stream.write("2024-01-04,GBP,0\n")
    with pytest.raises(UserError, match=r"exchange_rates\.csv line 6: .*units_per_eur > 0"):
        judged(place, sheet(row(1)))


def test_day_is_the_one_written_and_a_far_end_is_none(place: Place) -> None:
    dates = {"start_at": "2026-03-01T00:00:00+01:00", "end_at": "9999-12-31 23:59:59 UTC"}
    place.write(f"{IMPORTS}/a.csv", sheet(row(1, **dates)))
    place.quick_load()
    assert place.rows("subscription_versions", "start_at, end_at") == [(date(2026, 3, 1), None)]


def test_message_of_an_unknown_status_says_what_to_do_with_trials(place: Place) -> None:
    [error] = judged(place, sheet(row(1, status="trialing"))).errors
    assert error.code == "status_invalid"
    assert "an amount of 0 until it pays" in error.message
