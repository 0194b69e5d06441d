"""Quarantined import rows after the cause was fixed: settings, rates, names, order of files."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ingestion.imports.load import KINDS
from ingestion.imports.subscriptions import SUBSCRIPTIONS
from ingestion.raw.tables import RAW_TABLES
from ingestion.replay import preview
from ingestion.replay.selection import Selection
from tests.ingestion.place import MODIFIED, NOW, Place
from tests.ingestion.subscription_sheets import IMPORTS, row, sheet, with_organizations

LATER = NOW + timedelta(days=1)
LATER_STORED = LATER.replace(tzinfo=None)
AMBIGUOUS = {"start_at": "05/03/2024"}


@pytest.fixture
def place(place: Place) -> Place:
    with_organizations(place, "o1", "o2")
    return place


def correct_dates(place: Place) -> None:
    companies = place.folder / "seeds" / "companies.csv"
    companies.write_text(
        companies.read_text().replace("acme,Acme,growth,EUR,", "acme,Acme,growth,EUR,dmy")
    )
    place.now = LATER


def add_rate(place: Place, currency: str) -> None:
    with (place.folder / "seeds" / "exchange_rates.csv").open("a") as stream:
        stream.write(f"2024-01-02,{currency},5\n")
    place.now = LATER


def amounts(place: Place) -> list[tuple]:
    """Every version's product and amount."""
    return place.rows("subscription_versions", "product_code, mrr::integer")


def unresolved(place: Place) -> list[tuple]:
    return place.rows("rejected_rows", "line_number, reasons", "resolved_at is null")


def figures(report) -> tuple[int, ...]:
    return tuple(report.count(name) for name in ("accepted", "duplicate", "refused", "gone"))


def state(place: Place) -> dict[str, list[tuple]]:
    return {table.name: place.rows(table.name) for table in RAW_TABLES}


def test_a_date_order_brings_in_what_was_ambiguous(place):
    place.write(
        f"{IMPORTS}/s.csv", sheet(row(1), row(2, **AMBIGUOUS), row(3, mrr="?", **AMBIGUOUS))
    )
    place.quick_load()
    correct_dates(place)
    before = state(place)
    assert figures(preview(place.settings, Selection())) == (1, 0, 1, 0)
    assert state(place) == before
    report = place.quick_replay()
    assert figures(report) == (1, 0, 1, 0)
    assert report.files[0].reasons == {"mrr_invalid": 1}
    days = place.rows("subscription_versions", "product_code, start_at::varchar")
    assert days == [("product-1", "2024-01-01"), ("product-2", "2024-03-05")]
    [version] = place.records("subscription_versions", "product_code = 'product-2'")
    assert (version["valid_from"], version["line_number"]) == (LATER_STORED, 3)
    assert unresolved(place) == [(4, "date_ambiguous,mrr_invalid")]
    assert place.rows("rejected_rows", "resolved_at", "line_number = 3") == [(LATER_STORED,)]
    history = place.records("import_history", "kind = 'subscriptions'")
    assert [(h["path"], h["rows_new"], h["applied_at"]) for h in history][1:] == [
        (f"{IMPORTS}/s.csv", 1, LATER_STORED)
    ]
    # Nothing twice.
    before = state(place)
    assert figures(place.quick_replay()) == (0, 0, 1, 0)
    assert state(place) == before


def test_a_rate_brings_in_a_currency(place):
    place.write(f"{IMPORTS}/s.csv", sheet(row(1, currency="BRL")))
    place.quick_load()
    assert unresolved(place) == [(2, "no_exchange_rate")]
    add_rate(place, "BRL")
    assert figures(place.quick_replay(reason="no_exchange_rate")) == (1, 0, 0, 0)
    assert unresolved(place) == []


def test_a_row_that_a_newer_file_has_overtaken_changes_nothing(place):
    """The newer file left the amount as it was before, so there is no version of it to see."""
    old = [row(n, mrr="10") for n in (1, 2, 3)]
    place.write(f"{IMPORTS}/1.csv", sheet(*old))
    place.quick_load()
    # Rejected for their currency; each names a key that is stored with another amount.
    rises = [row(n, mrr="20", currency="BRL") for n in (1, 2, 3)]
    place.write(f"{IMPORTS}/2.csv", sheet(*rises), MODIFIED + timedelta(days=1))
    place.quick_load()
    newer = [row(1, mrr="10"), row(2, mrr="30")]
    place.write(f"{IMPORTS}/3.csv", sheet(*newer), MODIFIED + timedelta(days=2))
    place.quick_load()
    assert unresolved(place) == [(4, "no_exchange_rate")], "the newer file has the others"
    add_rate(place, "BRL")
    assert figures(place.quick_replay()) == (1, 0, 0, 0)
    found = amounts(place)
    assert found == [
        ("product-1", 10),
        ("product-2", 10),
        ("product-2", 30),
        ("product-3", 10),
        ("product-3", 20),
    ]
    assert unresolved(place) == []


def test_a_newer_file_of_the_same_load_overtakes_too(place):
    place.write(f"{IMPORTS}/0.csv", sheet(row(1, mrr="5")), MODIFIED - timedelta(days=1))
    place.write(f"{IMPORTS}/1.csv", sheet(row(1, mrr="20", currency="BRL")))
    place.write(f"{IMPORTS}/2.csv", sheet(row(1, mrr="10")), MODIFIED + timedelta(days=1))
    place.quick_load()
    add_rate(place, "BRL")
    place.quick_replay()
    assert amounts(place) == [("product-1", 5), ("product-1", 10)]


def test_a_newer_file_that_is_gone_overtakes_by_what_it_changed(place):
    place.write(f"{IMPORTS}/1.csv", sheet(row(1, mrr="20", currency="BRL"), row(2, currency="BRL")))
    place.quick_load()
    newer = place.write(f"{IMPORTS}/2.csv", sheet(row(1, mrr="10")), MODIFIED + timedelta(days=1))
    place.quick_load()
    newer.unlink()
    add_rate(place, "BRL")
    place.quick_replay()
    assert amounts(place) == [
        ("product-1", 10),
        ("product-2", 10),
    ]


@pytest.mark.parametrize("is_gone", [False, True])
def test_rows_of_one_key_stay_refused_whichever_is_chosen(place, is_gone):
    """The other row of the key has nothing to do with the filter."""
    first = row(1, currency="BRL", source_subscription_id="7")
    file = place.write(f"{IMPORTS}/s.csv", sheet(first, row(2, source_subscription_id="7")))
    place.quick_load()
    assert unresolved(place) == [(2, "duplicate_key,no_exchange_rate"), (3, "duplicate_key")]
    add_rate(place, "BRL")
    if is_gone:
        file.unlink()
    assert figures(place.quick_replay(reason="no_exchange_rate")) == (0, 0, 1, 0)
    assert amounts(place) == []


def test_a_gone_file_is_applied_from_the_quarantine(place):
    content = sheet(row(1), row(2, **AMBIGUOUS)) + "o1,product-3,1,EUR,05/03/2024,,,,,more\n"
    file = place.write(f"{IMPORTS}/s.csv", content)
    place.quick_load()
    file.unlink()
    correct_dates(place)
    assert figures(place.quick_replay()) == (1, 0, 1, 0)
    assert [code for code, _ in amounts(place)] == ["product-1", "product-2"]
    assert unresolved(place) == [(4, "date_ambiguous,too_many_fields")]


def test_organizations_that_exist_now_bring_in_rows_that_had_other_errors_too(place):
    place.write(f"{IMPORTS}/s.csv", sheet(row(1, external_org_id="late", **AMBIGUOUS)))
    place.quick_load()
    with_organizations(place, "o1", "o2", "late")
    place.quick_load()
    assert unresolved(place), "the organization was not its one error"
    correct_dates(place)
    place.quick_replay()
    assert unresolved(place) == []


def test_replayed_organizations_bring_in_the_subscriptions_that_waited(place, monkeypatch):
    monkeypatch.setattr("ingestion.imports.kinds.MAX_CHARACTERS", 3)
    place.write("acme/imports/organizations/more.csv", "org_id,name\nlate,Name\n")
    place.quick_load()
    monkeypatch.undo()
    place.write(f"{IMPORTS}/s.csv", sheet(row(1, external_org_id="late")), MODIFIED)
    place.quick_load()
    place.now = LATER
    assert figures(place.quick_replay(reason="value_too_long")) == (1, 0, 0, 0)
    assert unresolved(place) == []
    assert len(amounts(place)) == 1
    assert len(place.records("row_resolutions")) == 2


def test_a_refused_import_file_is_applied_but_overtakes_nothing(place, monkeypatch):
    strict = replace(SUBSCRIPTIONS, required=(*SUBSCRIPTIONS.required, "owner"))
    monkeypatch.setitem(KINDS, "subscriptions", strict)
    place.write(f"{IMPORTS}/old.csv", sheet(row(1, mrr="1"), row(2, mrr="2")))
    place.quick_load()
    assert place.rows("rejected_files", "reason") == [("missing_column",)]
    assert not place.quick_replay().changes_anything
    monkeypatch.undo()
    place.write(f"{IMPORTS}/new.csv", sheet(row(1, mrr="10")), MODIFIED + timedelta(days=1))
    place.quick_load()
    place.now = LATER
    report = place.quick_replay()
    assert [(file.is_whole_file, file.accepted) for file in report.files] == [(True, 2)]
    assert amounts(place) == [("product-1", 10), ("product-2", 2)]
    assert place.quick_replay().files == []


def test_another_companys_rows_are_left_alone(place):
    for company in ("acme", "mdy-co"):
        with_organizations(place, "o1", company_id=company)
        place.write(f"{company}/imports/subscriptions/s.csv", sheet(row(1, currency="BRL")))
    place.quick_load()
    add_rate(place, "BRL")
    place.quick_replay(company_id="mdy-co")
    assert place.rows("rejected_rows", "company_id", "resolved_at is null") == [("acme",)]
    assert place.rows("subscription_versions", "company_id") == [("mdy-co",)]


def test_a_company_that_is_gone_keeps_its_rows(place):
    place.write(f"{IMPORTS}/s.csv", sheet(row(1, currency="BRL")))
    place.quick_load()
    companies = place.folder / "seeds" / "companies.csv"
    companies.write_text(companies.read_text().replace("acme,Acme,growth,EUR,\n", ""))
    report = place.quick_replay()
    assert (figures(report), report.files[0].reasons) == ((0, 0, 1, 0), {"unknown_company": 1})
