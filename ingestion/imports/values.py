"""What a cell of an import may hold: dates and the words for nothing.

Source: "CSV imports" of the input contract. Each parser returns the value or raises CellError.
"""

import re
from datetime import date, datetime
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1990, 2100
NO_END = frozenset({"", "null", "n/a", "na", "none", "nil", "-"})

_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d{4})/(\d\d)/(\d\d)|(\d{4})(\d\d)(\d\d)", re.ASCII)
_ISO_DATE_TIME = re.compile(
    r"(\d{4}-?\d\d-?\d\d[T ]\d\d[0-9:.,]*) ?(?:UTC|Z|([+-][0-9:]+))?", re.ASCII
)
_DOTTED_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_SLASHED_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_DISTINCT_CELLS = 100_000  # remembered of a column: dates come many times each


class CellError(ValueError):
    """A cell that breaks a rule: the rule's code, and what to do about it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def parse_date(text: str, date_order: str | None) -> date:
    """A day in any of the accepted spellings; ``date_order`` is ``dmy``, ``mdy`` or None.

    A date-time is the day as it is written, whatever its zone. Raises CellError with
    ``date_invalid`` or ``date_ambiguous``.
    """
    day = _parse_date(text.strip(), date_order)
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellError(
            "date_invalid", f"not a date from {FIRST_YEAR} to {LAST_YEAR}; write it as 2024-03-05"
        )
    return day


def parse_end_date(text: str, date_order: str | None) -> date | None:
    """An end date, or None where the cell says that there is none, also by a far year."""
    if text.strip().lower() in NO_END:
        return None
    day = _parse_date(text.strip(), date_order)
    return None if day and day.year > LAST_YEAR else parse_date(text, date_order)


@lru_cache(_DISTINCT_CELLS)
def _parse_date(text: str, date_order: str | None) -> date | None:
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = (int(part) for part in match.groups() if part is not None)
        return _date(year, month, day)
    if match := _DOTTED_DATE.fullmatch(text):
        day, month, year = map(int, match.groups())
        return _date(year, month, day)
    if match := _SLASHED_DATE.fullmatch(text):
        first, second, year = map(int, match.groups())
        return _slashed_date(first, second, year, date_order)
    if match := _ISO_DATE_TIME.fullmatch(text.upper()):
        try:
            return datetime.fromisoformat(match[1] + (match[2] or "")).date()
        except ValueError:
            return None
    return None


def _slashed_date(first: int, second: int, year: int, date_order: str | None) -> date | None:
    day_first, month_first = _date(year, second, first), _date(year, first, second)
    if date_order:
        return day_first if date_order == "dmy" else month_first
    # A year that is too far for any date is as far in either order.
    if day_first and month_first and day_first != month_first and year <= LAST_YEAR:
        raise CellError(
            "date_ambiguous",
            "day or month first? Set date_order (dmy or mdy) in seeds/companies.csv, "
            "or write it as 2024-03-05",
        )
    return day_first or month_first


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
