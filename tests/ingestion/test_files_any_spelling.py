"""Subscription files in any spelling: what is written is what is read, row by row and in order."""

import codecs
import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.imports.kinds import ParsedRow
from ingestion.imports.sheet import read_sheet
from ingestion.imports.subscriptions import SUBSCRIPTIONS
from ingestion.rates import ExchangeRates
from ingestion.reference import Company, Registry
from tests.oracle.imports import STATUSES

COMPANY = Company("acme", "EUR", None, None)
REGISTRY = Registry({"acme": COMPANY}, ExchangeRates({}, {}), frozenset())
HEADER = ["external_org_id", "product_code", "mrr", "currency", "start_at", "end_at", "status"]
GROUPS = {".": ["", ",", " ", "'", "\u00a0"], ",": ["", ".", " ", "'", "\u202f"]}
DATES = st.dates(date(1990, 1, 1), date(2100, 12, 1))
DATE_FORMS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%Y-%m-%dT00:00:00+14:00",
    "%Y-%m-%d 23:59:59 UTC",
)
NO_ENDS = ("", "NULL", "n/a", "9999-12-31", "31.12.9999")
WORDS = {word for word in STATUSES if word} | {"Active", "PAST_DUE", "Cancelled", "Void"}
NAMES = (
    st.text('aé"\n,;\t x1', min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda text: text and "\r" not in text)
)


@dataclass(frozen=True)
class Convention:
    """How one program writes all cells of a file."""

    mark: str
    group: str
    symbol: str
    date_form: str

    def amount(self, value: Decimal) -> str:
        whole, _, decimals = str(value).partition(".")
        grouped = f"{int(whole):,}".replace(",", self.group)
        return f"{self.symbol}{grouped}{self.mark if decimals else ''}{decimals}"


@st.composite
def conventions(draw: st.DrawFn) -> Convention:
    mark = draw(st.sampled_from(".,"))
    group = draw(st.sampled_from(GROUPS[mark]))
    return Convention(
        mark, group, draw(st.sampled_from(["", "€", "EUR "])), draw(st.sampled_from(DATE_FORMS))
    )


AMOUNTS = st.decimals(0, 10**9, places=4).map(lambda value: value.normalize()) | st.integers(
    0, 10**6
).map(Decimal)
ROWS = st.lists(
    st.tuples(
        NAMES,
        AMOUNTS.map(lambda value: Decimal(f"{value:f}")),
        DATES,
        st.none() | st.integers(0, 30),
        st.sampled_from(sorted(WORDS)),
    ),
    min_size=1,
    max_size=6,
)


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[tuple]]:
    """The bytes of a file, and the rows that it holds."""
    how, rows = draw(conventions()), draw(ROWS)
    # One amount that can be read in one way only; without any the file would not tell its mark.
    rows.append(("witness", Decimal("0.5"), date(2024, 2, 29), None, "active"))
    delimiter, line_end = draw(st.sampled_from(",;\t")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = io.StringIO()
    # The writer does not quote LF in a cell where lines end with another character.
    minimal = [csv.QUOTE_MINIMAL] if line_end != "\r" else []
    quoting = draw(st.sampled_from([csv.QUOTE_ALL, *minimal]))
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    if draw(st.booleans()):
        text.write(f"sep={delimiter}{line_end}")
    writer.writerow(draw(st.sampled_from([HEADER, [name.upper() for name in HEADER]])))
    for name, amount, start, days, status in rows:
        end = (
            draw(st.sampled_from(NO_ENDS))
            if days is None
            else (start + timedelta(days)).strftime(how.date_form)
        )
        cells = [name, "pro", how.amount(amount), "eur", start.strftime(how.date_form), end, status]
        writer.writerow(cells)
        if draw(st.booleans()):
            text.write(delimiter * draw(st.integers(0, 6)) + line_end)
    marker = draw(st.sampled_from([b"", codecs.BOM_UTF8]))
    return marker + text.getvalue().encode(), rows


def parsed(content: bytes) -> list[ParsedRow]:
    sheet = read_sheet(io.BytesIO(content), SUBSCRIPTIONS.headers, SUBSCRIPTIONS.required)
    known = {row.cells["external_org_id"] for row in sheet.rows}
    context = SUBSCRIPTIONS.context(COMPANY, REGISTRY, known, sheet.rows)
    return [SUBSCRIPTIONS.parse(row, context) for row in sheet.rows]


@settings(deadline=None, max_examples=60)
@given(files())
def test_file_of_one_convention_is_read_back(file: tuple[bytes, list[tuple]]) -> None:
    content, rows = file
    found = parsed(content)
    assert [row.errors for row in found] == [[] for _ in rows]
    for row, (name, amount, start, days, status) in zip(found, rows, strict=True):
        end = None if days is None else start + timedelta(days)
        expected = (
            name,
            amount,
            start,
            end if end is None or end.year <= 2100 else None,
            STATUSES[status.lower()],
        )
        names = ("external_org_id", "mrr", "start_at", "end_at", "status")
        assert tuple(row.values[column] for column in names) == expected
