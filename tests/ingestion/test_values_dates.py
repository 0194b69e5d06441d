"""Dates of imports: every form that the input contract names, and the limits."""

from datetime import date

import pytest

from ingestion.imports.values import CellError, parse_date, parse_end_date

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
    # whatever the zone, the day as written
    "2024-03-05T23:30:00-05:00": date(2024, 3, 5),
    "2024-03-05T00:30:00+02:00": date(2024, 3, 5),
    "2024-03-05T00:30:00+0200": date(2024, 3, 5),
    "2024-12-31T23:30:00-01": date(2024, 12, 31),
    "2100-12-31T23:30:00-01:00": date(2100, 12, 31),
    "2024-03-05 10:11:12 UTC": date(2024, 3, 5),
    "2024-03-05 10:11:12.1234567 utc": date(2024, 3, 5),
    "2024-03-05 10:11:12 +0530": date(2024, 3, 5),
    "2024-03-05 10:11Z": date(2024, 3, 5),
    "2024-03-05t10:11:12z": date(2024, 3, 5),
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
    "2024-03-05 UTC",
    "2024-03-05T10:00:00 CET",
    "2024-03-05T10:00:00 UTC+01:00",
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
def test_company_setting_holds_where_it_makes_the_date_impossible(
    text: str, date_order: str
) -> None:
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


@pytest.mark.parametrize("date_order", [None, "dmy"])
@pytest.mark.parametrize(
    "text",
    ["9999-12-31", "2101-01-01", "9999-12-31T23:59:59Z", "31.12.9999", "01/02/2999", "29991231"],
)
def test_far_year_says_that_there_is_no_end(text: str, date_order: str | None) -> None:
    assert parse_end_date(text, date_order) is None
    with pytest.raises(CellError) as error:
        parse_date(text, date_order)
    assert error.value.code == "date_invalid"


@pytest.mark.parametrize("text", ["9999-02-30", "99999-12-31", "1989-12-31", "31/31/9999"])
def test_impossible_end_date_is_invalid(text: str) -> None:
    with pytest.raises(CellError) as error:
        parse_end_date(text, None)
    assert error.value.code == "date_invalid"


def test_end_date_is_a_date_like_others() -> None:
    assert parse_end_date("05/03/2024", "dmy") == date(2024, 3, 5)
