"""Amounts and dates by generated examples: any value in any accepted spelling, and any junk."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from ingestion.imports.amounts import decimal_mark_of, parse_amount
from ingestion.imports.values import CellError, parse_date, parse_end_date
from tests.oracle.imports import day_of_date_time, last_day, read_amounts

SPACES = (" ", "\u00a0", "\u202f", "'")
MARKS = tuple(mark.split("_") for mark in ("_", "€_", "€ _", "_ €", "_ EUR", "EUR _", "$_", "_£"))
DATE_ORDERS = st.sampled_from([None, "dmy", "mdy"])
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
# Characters that the grammars are made of, so that junk comes close to what is accepted.
NEAR_AMOUNTS = st.text("0123456789.,' \u00a0\u202f-+−€$£¥eEuUrR()%", max_size=20)
NEAR_DATES = st.text("0123456789-/.:TZ+ nulNA", max_size=30)


def outcome(parse: Callable[..., Any], *arguments: Any) -> Any:
    """What a parser returns, or the code of its refusal."""
    try:
        return parse(*arguments)
    except CellError as error:
        return error.code if error.message else "no message"


def grouped(digits: str, separator: str) -> str:
    head = len(digits) % 3 or 3
    tail = [digits[start : start + 3] for start in range(head, len(digits), 3)]
    return separator.join([digits[:head], *tail])


@st.composite
def spelled_amounts(draw: st.DrawFn) -> tuple[str, Decimal, str]:
    """An amount, one way to write it, and the decimal mark of that way."""
    whole = str(draw(st.integers(0, 999_999_999_999)))
    places = draw(st.integers(0, 4))
    decimals = draw(st.text("0123456789", min_size=places, max_size=places))
    mark = draw(st.sampled_from(".,"))
    separator = draw(st.sampled_from(["", *SPACES, "," if mark == "." else "."]))
    text = grouped(whole, separator) if separator else whole
    if decimals:
        text += mark + decimals
    before, after = draw(st.sampled_from(MARKS))
    padding = draw(st.sampled_from(["", " ", "\u00a0"]))
    value = Decimal(f"{whole}.{decimals}") if decimals else Decimal(whole)
    return f"{padding}{before}{text}{after}{padding}", value, mark


@given(spelled_amounts())
def test_any_spelling_of_an_amount_is_read_back(spelled: tuple[str, Decimal, str]) -> None:
    text, value, mark = spelled
    assert parse_amount(text, mark).value == value


@st.composite
def columns_of_one_convention(draw: st.DrawFn) -> tuple[str, list[tuple[str, Decimal]]]:
    """A decimal mark, and amounts that are all written with it, one beyond doubt among them."""
    mark = draw(st.sampled_from(".,"))
    separators = ["", *SPACES, "," if mark == "." else "."]
    column = [(f"1234{mark}5", Decimal("1234.5"))]
    for _ in range(draw(st.integers(1, 8))):
        whole = str(draw(st.integers(0, 9_999_999)))
        decimals = draw(st.text("0123456789", max_size=4))
        text = grouped(whole, draw(st.sampled_from(separators)))
        before, after = draw(st.sampled_from(MARKS))
        value = Decimal(f"{whole}.{decimals or 0}")
        column.append((f"{before}{text}{mark * bool(decimals)}{decimals}{after}", value))
    return mark, draw(st.permutations(column))


@given(columns_of_one_convention())
def test_column_of_one_convention_is_read_back(column: tuple[str, list]) -> None:
    mark, amounts = column
    found = decimal_mark_of(text for text, _ in amounts)
    assert found == mark
    for text, value in amounts:
        assert parse_amount(text, found).value == value


@given(
    st.lists(st.text("0123.,' \u00a0", max_size=9).map(str.strip), max_size=6),
    st.sampled_from([".", ",", None]),
)
@example(["41.667", "1300.00"], None)
@example(["0.500", "1.299", "1,299"], ",")
def test_column_is_read_as_the_definitions_say(texts: list[str], company_mark: str | None) -> None:
    mark = decimal_mark_of(texts) or company_mark
    found = [outcome(parse_amount, text, mark) for text in texts]
    values = [amount if isinstance(amount, str) else amount.value for amount in found]
    assert values == read_amounts(texts, company_mark)


@given(spelled_amounts(), st.sampled_from("-−"))
def test_a_sign_makes_any_amount_but_zero_negative(
    spelled: tuple[str, Decimal, str], sign: str
) -> None:
    text, value, _ = spelled
    assume(value)
    assert outcome(parse_amount, sign + text.strip(), None) == "mrr_negative"


@given(st.text() | NEAR_AMOUNTS)
@example("€")
@example("\ud800")
@example("9" * 5000)
def test_junk_is_an_amount_or_a_cell_error(text: str) -> None:
    amount = outcome(parse_amount, text, None)
    if isinstance(amount, str):
        assert amount in ("mrr_invalid", "mrr_negative", "mrr_ambiguous")
    else:
        assert 0 <= amount.value < 10**12
        assert amount.value == round(amount.value, 4)


@st.composite
def spelled_dates(draw: st.DrawFn) -> tuple[str, date, str | None]:
    """A day, one way to write it, and a company's date order under which it is clear."""
    day = draw(DAYS)
    date_order = draw(DATE_ORDERS)
    forms = [
        f"{day:%Y-%m-%d}",
        f"{day:%Y/%m/%d}",
        f"{day:%Y%m%d}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%d.%m.%Y}",
    ]
    if date_order == "dmy" or (date_order is None and (day.day > 12 or day.day == day.month)):
        forms.append(f"{day:%d/%m/%Y}")
    if date_order == "mdy" or (date_order is None and (day.day > 12 or day.day == day.month)):
        forms.append(f"{day:%m/%d/%Y}")
    padding = draw(st.sampled_from(["", " ", "\u00a0"]))
    return padding + draw(st.sampled_from(forms)) + padding, day, date_order


@given(spelled_dates())
def test_any_spelling_of_a_date_is_read_back(spelled: tuple[str, date, str | None]) -> None:
    text, day, date_order = spelled
    assert parse_date(text, date_order) == day
    assert parse_end_date(text, date_order) == day


@given(
    st.dates(date(1990, 1, 2), date(2100, 12, 30)),
    st.times(),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from("T "),
    DATE_ORDERS,
)
def test_date_time_is_the_day_as_written(
    day: date, moment: time, offset: int, separator: str, date_order: str | None
) -> None:
    zone = timezone(timedelta(minutes=offset))
    text = datetime.combine(day, moment, zone).isoformat(separator)
    assert parse_date(text, date_order) == day_of_date_time(text) == day
    local = datetime.combine(day, moment).isoformat(separator)
    for suffix in ("", "Z", " UTC", " Z"):
        assert parse_date(local + suffix, date_order) == day


@given(st.dates(date(1990, 1, 1)), st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y"]))
def test_end_in_a_far_year_is_none(day: date, form: str) -> None:
    assert parse_end_date(day.strftime(form), None) == last_day(day.isoformat())


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1990, 2100))
def test_slashes_are_ambiguous_exactly_where_both_readings_are_dates(
    first: int, second: int, year: int
) -> None:
    text = f"{first:02}/{second:02}/{year}"
    assert parse_date(text, "dmy") == date(year, second, first)
    assert parse_date(text, "mdy") == date(year, first, second)
    unset = date(year, first, second) if first == second else "date_ambiguous"
    assert outcome(parse_date, text, None) == unset


@given(st.text() | NEAR_DATES, DATE_ORDERS)
@example("2024-03-05T10:00:00" + "0" * 5000, None)
@example("\ud800", None)
def test_junk_is_a_date_or_a_cell_error(text: str, date_order: str | None) -> None:
    for parse in (parse_date, parse_end_date):
        day = outcome(parse, text, date_order)
        if isinstance(day, str):
            assert day in ("date_invalid", "date_ambiguous")
        else:
            assert day is None or 1990 <= day.year <= 2100
