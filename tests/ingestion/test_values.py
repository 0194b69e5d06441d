"""Amounts and dates of imports: every form that the input contract names, and their limits."""

from datetime import date
from decimal import Decimal

import pytest

from ingestion.imports.values import CellError, parse_amount, parse_date, parse_end_date

AMOUNTS = {
    # plain
    "99": "99",
    "99.00": "99",
    "99,00": "99",
    "1299.5": "1299.5",
    "0": "0",
    "0.00": "0",
    "007": "7",
    "0.0001": "0.0001",
    "0,1234": "0.1234",
    "12.3456": "12.3456",
    # both marks: the last one is the decimal mark
    "1,299.00": "1299",
    "1.299,00": "1299",
    "1,234,567.8": "1234567.8",
    "1.234.567,8": "1234567.8",
    "1,299.000": "1299",
    "1.299,0005": "1299.0005",
    # one kind of mark, several times: thousands
    "1,234,567": "1234567",
    "1.234.567": "1234567",
    # one mark, once: three digits after one to three that are not a lone zero are thousands
    "1.299": "1299",
    "1,299": "1299",
    "12.299": "12299",
    "123,299": "123299",
    "0.500": "0.5",
    "0,500": "0.5",
    "1234.567": "1234.567",
    "1234,567": "1234.567",
    "1.29": "1.29",
    "1,2999": "1.2999",
    # spaces and apostrophes as thousands separators
    "1 299": "1299",
    "1 299,00": "1299",
    "1\u00a0299,00": "1299",
    "1\u202f299,00": "1299",
    "1'299.00": "1299",
    "1\u2019299.00": "1299",
    "12 345 678.9": "12345678.9",
    "1 299,000": "1299",
    # the largest
    "999999999999.9999": "999999999999.9999",
    "999,999,999,999.9999": "999999999999.9999",
}

CURRENCIES = {
    "€99": "EUR",
    "99€": "EUR",
    "99 €": "EUR",
    "€ 99": "EUR",
    "£99": "GBP",
    "99 £": "GBP",
    "99 EUR": "EUR",
    "99EUR": "EUR",
    "EUR 99": "EUR",
    "EUR99": "EUR",
    "99 eur": "EUR",
    "usd 99": "USD",
    "$99": None,
    "99$": None,
    "¥99": None,
    "99 ¥": None,
    "99": None,
    "99\u00a0€": "EUR",
}

INVALID_AMOUNTS = [
    "",
    " ",
    "free",
    "EUR",
    "€",
    "-",
    ".",
    ",",
    "1,29,9",
    "1.29.9",
    "12,34,567",
    "1234,567.00",
    "1.2345.678",
    "1,,299",
    "1..299",
    "1 29",
    "12 34",
    "1  299",
    "1.299.00,5",
    "1,299,00.5",
    "1.2.3,4,5",
    "0.00001",
    "1.12345",
    "1,299.12345",
    "1000000000000",
    "1,000,000,000,000",
    "99999999999999999999",
    "99.",
    ",99.",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "99 EURO",
    "99 EU",
    "€99€",
    "€99 EUR",
    "99 99",
    "1/2",
    "10%",
    "(99)",
    "--99",
    "+-99",
    "٩٩",
    "９９",
    "²",
    "99\x00",
    "1\n299x",
]


@pytest.mark.parametrize(("text", "value"), AMOUNTS.items())
def test_amount_is_read_as_the_number_it_stands_for(text: str, value: str) -> None:
    assert parse_amount(text).value == Decimal(value)


@pytest.mark.parametrize("text", ["€1.299,00", "1.299,00 €", "$1,299.00", "EUR 1 299,00", "1'299 CHF"])
def test_amount_with_a_mark_of_currency_is_read_like_one_without(text: str) -> None:
    assert parse_amount(text).value == Decimal(1299)


@pytest.mark.parametrize(("text", "currency"), CURRENCIES.items())
def test_currency_beside_an_amount_is_told_where_it_is_unambiguous(text: str, currency: str) -> None:
    amount = parse_amount(text)
    assert (amount.value, amount.currency) == (Decimal(99), currency)


@pytest.mark.parametrize("text", INVALID_AMOUNTS)
def test_what_is_no_well_formed_amount_is_invalid(text: str) -> None:
    with pytest.raises(CellError) as error:
        parse_amount(text)
    assert error.value.code == "mrr_invalid"


@pytest.mark.parametrize("text", ["-1", "-0.0001", "€-99", "-€99", "-1.299,00", "\u221299"])
def test_amount_below_zero_is_negative(text: str) -> None:
    with pytest.raises(CellError) as error:
        parse_amount(text)
    assert error.value.code == "mrr_negative"


@pytest.mark.parametrize("text", ["0", "0,00", "€0", "0 EUR"])
def test_zero_is_an_amount(text: str) -> None:
    assert parse_amount(text).value == 0


DATES = {
    "2024-03-05": date(2024, 3, 5),
    "2024/03/05": date(2024, 3, 5),
    "20240305": date(2024, 3, 5),
    "5.3.2024": date(2024, 3, 5),
    "05.03.2024": date(2024, 3, 5),
    "05.3.2024": date(2024, 3, 5),
    "31.12.2024": date(2024, 12, 31),
    "2024-02-29": date(2024, 2, 29),
    "1990-01-01": date(1990, 1, 1),
    "2100-12-31": date(2100, 12, 31),
    "2024-03-05T10:11:12": date(2024, 3, 5),
    "2024-03-05 10:11:12": date(2024, 3, 5),
    "2024-03-05T10:11": date(2024, 3, 5),
    "2024-03-05T10:11:12.123456": date(2024, 3, 5),
    "2024-03-05T23:59:59Z": date(2024, 3, 5),
    "2024-03-05T23:30:00-05:00": date(2024, 3, 6),
    "2024-03-05T00:30:00+02:00": date(2024, 3, 4),
    "2024-03-05T00:30:00+0200": date(2024, 3, 4),
    "2024-12-31T23:30:00-01:00": date(2025, 1, 1),
    "20240305T101112Z": date(2024, 3, 5),
    " 2024-03-05 ": date(2024, 3, 5),
    # slashes with the year last and one possible meaning
    "25/03/2024": date(2024, 3, 25),
    "03/25/2024": date(2024, 3, 25),
    "05/05/2024": date(2024, 5, 5),
    "29/02/2024": date(2024, 2, 29),
}

INVALID_DATES = [
    "",
    "soon",
    "2024-02-30",
    "2023-02-29",
    "2024-13-01",
    "2024-00-10",
    "2024-01-00",
    "2024/02/30",
    "20240230",
    "30.2.2024",
    "31.04.2024",
    "29/02/2023",
    "31/04/2024",
    "13/13/2024",
    "00/00/2024",
    "1989-12-31",
    "2101-01-01",
    "0001-01-01",
    "9999-12-31",
    "31.12.1989",
    "05/05/1989",
    "24-03-05",
    "5.3.24",
    "25/03/24",
    "2024-03",
    "2024",
    "2024-03-05T25:00:00",
    "2024-03-05T10:61:00",
    "2024-02-30T10:00:00Z",
    "2024-03-05T10:00:00+99:00",
    "2024-03-05Tnoon",
    "March 5, 2024",
    "1709600000",
    "٢٠٢٤-٠٣-٠٥",
    "2024-03-05\x00",
    "2024--03-05",
    "-2024-03-05",
]


@pytest.mark.parametrize(("text", "day"), DATES.items())
def test_date_is_read_as_the_day_it_stands_for(text: str, day: date) -> None:
    assert parse_date(text, None) == day


@pytest.mark.parametrize("date_order", ["dmy", "mdy"])
def test_company_setting_changes_no_other_form(date_order: str) -> None:
    for text, day in DATES.items():
        if not text[2:].startswith("/"):
            assert parse_date(text, date_order) == day


@pytest.mark.parametrize("text", INVALID_DATES)
@pytest.mark.parametrize("date_order", [None, "dmy", "mdy"])
def test_impossible_date_is_invalid(text: str, date_order: str | None) -> None:
    with pytest.raises(CellError) as error:
        parse_date(text, date_order)
    assert error.value.code == "date_invalid"


def test_date_of_two_meanings_is_ambiguous_and_the_message_names_the_setting() -> None:
    with pytest.raises(CellError) as error:
        parse_date("05/03/2024", None)
    assert error.value.code == "date_ambiguous"
    assert "date_order" in error.value.message


def test_company_setting_decides_between_two_meanings() -> None:
    assert parse_date("05/03/2024", "dmy") == date(2024, 3, 5)
    assert parse_date("05/03/2024", "mdy") == date(2024, 5, 3)


@pytest.mark.parametrize(("text", "date_order"), [("03/25/2024", "dmy"), ("25/03/2024", "mdy")])
def test_company_setting_holds_where_it_makes_the_date_impossible(text: str, date_order: str) -> None:
    with pytest.raises(CellError) as error:
        parse_date(text, date_order)
    assert error.value.code == "date_invalid"


@pytest.mark.parametrize(
    "text", ["", "NULL", "null", "N/A", "n/a", "NA", "None", "none", "nil", "NIL", "-", " - "]
)
def test_words_for_nothing_say_that_there_is_no_end(text: str) -> None:
    assert parse_end_date(text, None) is None


@pytest.mark.parametrize("text", ["--", "never", "0", "?", "nul"])
def test_other_words_are_no_end_date(text: str) -> None:
    with pytest.raises(CellError) as error:
        parse_end_date(text, None)
    assert error.value.code == "date_invalid"


def test_end_date_is_a_date_like_others() -> None:
    assert parse_end_date("05/03/2024", "dmy") == date(2024, 3, 5)
