"""Amounts of imports: every form that the input contract names, and the limits."""

from decimal import Decimal

import pytest

from ingestion.imports.amounts import decimal_mark_of, parse_amount
from ingestion.imports.values import CellError

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
    # one mark, once, with other than three digits after it, or after a long or zero whole part
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

AMBIGUOUS_AMOUNTS = {
    # with a decimal point, with a decimal comma
    "1.299": ("1.299", "1299"),
    "1,299": ("1299", "1.299"),
    "12.299": ("12.299", "12299"),
    "123,299": ("123299", "123.299"),
    "€41.667": ("41.667", "41667"),
    "41,667 EUR": ("41667", "41.667"),
    "+1.000": ("1", "1000"),
}
# The amounts of a column, and the decimal mark on which the certain ones agree.
COLUMNS = (
    (["41.667", "1300.00"], "."),
    (["41.667", "1.300,00"], ","),
    (["41.667", "1300.000"], "."),
    (["41.667", "0.500"], "."),
    (["41.667", "1.234.567"], ","),
    (["41,667", "1,234,567"], "."),
    (["41,667", "1'299.00", "12"], "."),
    (["41.667", "1 299,5 EUR"], ","),
    (["41.667", "-5.25"], "."),
    (["41.667", "1300.00", "1300,00"], None),
    (["41.667", "12", "1 299", "0"], None),
    (["41.667", "1,299"], None),
    (["41.667", "1.29.9", "1.00001", "free.", "1.234,567,8", ""], None),
    ([], None),
)


@pytest.mark.parametrize("decimal_mark", [".", ",", None])
@pytest.mark.parametrize(("text", "value"), AMOUNTS.items())
def test_amount_is_read_as_the_number_it_stands_for(
    text: str, value: str, decimal_mark: str | None
) -> None:
    assert parse_amount(text, decimal_mark).value == Decimal(value)


@pytest.mark.parametrize(("text", "values"), AMBIGUOUS_AMOUNTS.items())
def test_decimal_mark_decides_where_an_amount_has_two_readings(
    text: str, values: tuple[str, str]
) -> None:
    read = tuple(str(parse_amount(text, mark).value) for mark in ".,")
    assert tuple(map(Decimal, read)) == tuple(map(Decimal, values))
    with pytest.raises(CellError) as error:
        parse_amount(text, None)
    assert error.value.code == "mrr_ambiguous"
    thousands, decimals = sorted(values, key=Decimal, reverse=True)
    for part in (f"{thousands}.00", f"{Decimal(decimals):.3f}", "decimal_mark", "companies.csv"):
        assert part in error.value.message


@pytest.mark.parametrize(("texts", "mark"), COLUMNS)
def test_column_tells_its_decimal_mark_where_its_certain_amounts_agree(
    texts: list[str], mark: str | None
) -> None:
    assert decimal_mark_of(texts) == mark


@pytest.mark.parametrize(
    "text", ["€1.299,00", "1.299,00 €", "$1,299.00", "EUR 1 299,00", "1'299 CHF"]
)
def test_amount_with_a_mark_of_currency_is_read_like_one_without(text: str) -> None:
    assert parse_amount(text, None).value == Decimal(1299)


@pytest.mark.parametrize(("text", "currency"), CURRENCIES.items())
def test_currency_beside_an_amount_is_told_where_it_is_unambiguous(
    text: str, currency: str
) -> None:
    amount = parse_amount(text, None)
    assert (amount.value, amount.currency) == (Decimal(99), currency)


@pytest.mark.parametrize("text", INVALID_AMOUNTS)
def test_what_is_no_well_formed_amount_is_invalid(text: str) -> None:
    with pytest.raises(CellError) as error:
        parse_amount(text, None)
    assert error.value.code == "mrr_invalid"


@pytest.mark.parametrize("text", ["-1", "-0.0001", "€-99", "-€99", "-1.299,00", "\u221299"])
def test_amount_below_zero_is_negative(text: str) -> None:
    with pytest.raises(CellError) as error:
        parse_amount(text, None)
    assert error.value.code == "mrr_negative"


@pytest.mark.parametrize("text", ["0", "0,00", "€0", "0 EUR"])
def test_zero_is_an_amount(text: str) -> None:
    assert parse_amount(text, None).value == 0
