"""The many ways in which exports write amounts, dates and states; all mean the same."""

import csv
import gzip
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

_SYMBOLS = {"EUR": "\u20ac", "GBP": "\u00a3", "USD": "$"}
_NO_BREAK_SPACE = "\u00a0"
_NARROW_NO_BREAK_SPACE = "\u202f"
_STILL_ACTIVE = ("", "NULL", "n/a", "-", "None", "")


def amount_text(amount: Decimal, currency: str, form: int) -> str:
    """``amount`` in one of ten spellings."""
    plain = f"{amount:.2f}"
    grouped = f"{amount:,.2f}"
    comma = plain.replace(".", ",")
    european = grouped.replace(",", " ").replace(".", ",").replace(" ", ".")
    symbol = _SYMBOLS.get(currency, currency + " ")
    forms = (
        plain,
        comma,
        grouped,
        european,
        grouped.replace(",", _NO_BREAK_SPACE).replace(".", ","),
        grouped.replace(",", _NARROW_NO_BREAK_SPACE).replace(".", ","),
        grouped.replace(",", "'"),
        f"{symbol}{grouped}",
        f"{comma} {currency}",
        str(amount.to_integral_value()) if amount == amount.to_integral_value() else plain,
    )
    return forms[form % len(forms)]


def date_text(day: date, form: int) -> str:
    """``day`` in one of eight spellings, none of which can be read in two ways."""
    forms = (
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{day:%Y%m%d}",
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day}T12:30:00Z",
        f"{day}T09:00:00+02:00",
        f"{day:%d/%m/%Y}" if day.day > 12 else day.isoformat(),
    )
    return forms[form % len(forms)]


def end_text(day: date | None, form: int) -> str:
    """An end, or one of the ways to say that there is none."""
    return _STILL_ACTIVE[form % len(_STILL_ACTIVE)] if day is None else date_text(day, form + 1)


def status_text(status: str, form: int) -> str:
    """A status in changing case; ``active`` may be left out, ``canceled`` has two spellings."""
    if status == "active":
        return ("active", "", "Active")[form % 3]
    if status == "canceled":
        return ("canceled", "Cancelled")[form % 2]
    return status


def to_csv(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    delimiter: str = ",",
    *,
    bom: bool = False,
    packed: bool = False,
) -> bytes:
    """A CSV file as bytes."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    content = text.getvalue().encode("utf-8-sig" if bom else "utf-8")
    return gzip.compress(content, mtime=0) if packed else content
