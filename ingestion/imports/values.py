"""What a cell of an import may hold: amounts, dates and the words for nothing.

Source: "CSV imports" of the input contract. Each parser returns the value or raises CellError.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

MAX_DECIMALS = 4
AMOUNT_LIMIT = Decimal(10) ** 12
FIRST_YEAR, LAST_YEAR = 1990, 2100
SYMBOL_CURRENCIES = {"€": "EUR", "£": "GBP"}  # $ and ¥ stand for several
NO_END = frozenset({"", "null", "n/a", "na", "none", "nil", "-"})

_GROUP_SPACES = " \u00a0\u202f'\u2019"  # space, no-break spaces, apostrophes
_SIGNS = "+-−"
_MARK = re.compile(r"[A-Za-z]{3}")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d{4})/(\d\d)/(\d\d)|(\d{4})(\d\d)(\d\d)", re.ASCII)
_ISO_DATE_TIME = re.compile(r"\d{4}-?\d\d-?\d\d[T ]\d\d.*", re.ASCII)
_DOTTED_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_SLASHED_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


class CellError(ValueError):
    """A cell that breaks a rule: the rule's code, and what to do about it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Amount:
    """A non-negative amount, and the currency that was written beside it, if one was."""

    value: Decimal
    currency: str | None


def parse_amount(text: str) -> Amount:
    """An amount in any of the accepted spellings, such as ``€1.299,00`` or ``1 299 EUR``.

    Raises CellError with ``mrr_invalid`` or ``mrr_negative``.
    """
    is_negative, digits, mark = _split_marks(text)
    value = _number(digits)
    if value is None or value >= AMOUNT_LIMIT:
        raise CellError("mrr_invalid", "not an amount; write it as 1299.00")
    if is_negative and value:
        raise CellError("mrr_negative", "below zero; an amount is zero or more")
    return Amount(value, SYMBOL_CURRENCIES.get(mark, mark.upper() if mark.isalpha() else None))


def _split_marks(text: str) -> tuple[bool, str, str]:
    """Sign, digits with their separators, and the currency symbol or code (or '')."""
    rest, sign, mark = text.strip(), "", ""
    while rest and not rest[0].isdigit():
        if not sign and rest[0] in _SIGNS:
            sign, rest = rest[0], rest[1:].lstrip()
        elif not mark and (length := _mark_length(rest)):
            mark, rest = rest[:length], rest[length:].lstrip()
        else:
            break
    match = None if mark else re.search(r"(?:[A-Za-z]{3}|[^\w\s])$", rest)
    if match and _mark_length(match[0]):
        mark, rest = match[0], rest[: match.start()].rstrip()
    return sign not in ("", "+"), rest, mark


def _mark_length(text: str) -> int:
    if unicodedata.category(text[0]) == "Sc":
        return 1
    return 3 if _MARK.match(text) else 0


def _number(text: str) -> Decimal | None:
    """The number, or None where its digits are not well grouped or too many are decimals."""
    whole, decimals = _split_decimals(text)
    separators = {character for character in whole if not character.isdigit()}
    if len(separators) > 1:
        return None
    groups = re.split(f"[{_GROUP_SPACES}.,]", whole)
    is_grouped = len(groups[0]) in (1, 2, 3) and all(len(group) == 3 for group in groups[1:])
    is_plain = len(groups) == 1
    if not (is_plain or is_grouped) or not re.fullmatch(r"[0-9]+", "".join(groups)):
        return None
    if decimals is None:
        return Decimal("".join(groups))
    if not re.fullmatch(rf"[0-9]{{1,{MAX_DECIMALS}}}", decimals):
        return None
    return Decimal(f"{''.join(groups)}.{decimals}")


def _split_decimals(text: str) -> tuple[str, str | None]:
    """Whole part and decimals; which of ``.`` and ``,`` is which follows from how they are used."""
    marks = [character for character in text if character in ".,"]
    if not marks:
        return text, None
    whole, _, tail = text.rpartition(marks[-1])
    if len(set(marks)) == 2:
        return whole, tail
    if len(marks) > 1:
        return text, None
    is_thousands = len(tail) == 3 and re.fullmatch(r"[0-9]{1,3}", whole) and whole != "0"
    return (text, None) if is_thousands else (whole, tail)


def parse_date(text: str, date_order: str | None) -> date:
    """A day in any of the accepted spellings; ``date_order`` is ``dmy``, ``mdy`` or None.

    A date-time with a zone is converted to UTC first. Raises CellError with ``date_invalid`` or
    ``date_ambiguous``.
    """
    day = _parse_date(text.strip(), date_order)
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CellError(
            "date_invalid", f"not a date from {FIRST_YEAR} to {LAST_YEAR}; write it as 2024-03-05"
        )
    return day


def _parse_date(text: str, date_order: str | None) -> date | None:
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = (int(part) for part in match.groups() if part is not None)
        return _date(year, month, day)
    if match := _DOTTED_DATE.fullmatch(text):
        day, month, year = map(int, match.groups())
        return _date(year, month, day)
    if match := _SLASHED_DATE.fullmatch(text):
        return _slashed_date(*map(int, match.groups()), date_order)
    if _ISO_DATE_TIME.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()
        except (ValueError, OverflowError):
            return None
    return None


def _slashed_date(first: int, second: int, year: int, date_order: str | None) -> date | None:
    day_first, month_first = _date(year, second, first), _date(year, first, second)
    if date_order:
        return day_first if date_order == "dmy" else month_first
    if day_first and month_first and day_first != month_first:
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


def parse_end_date(text: str, date_order: str | None) -> date | None:
    """An end date, or None where the cell says that there is none."""
    return None if text.strip().lower() in NO_END else parse_date(text, date_order)
