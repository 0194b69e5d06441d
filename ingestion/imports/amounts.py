"""Amounts of imports: every spelling that the input contract accepts, and the column's evidence.

Which of ``.`` and ``,`` is the decimal mark follows from how an amount uses them; one mark with
exactly three digits after it may be either, and the other amounts of its column tell which.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ingestion.imports.values import CellError

MAX_DECIMALS = 4
AMOUNT_LIMIT = Decimal(10) ** 12
SYMBOL_CURRENCIES = {"€": "EUR", "£": "GBP"}  # $ and ¥ stand for several

_GROUP_SPACES = " \u00a0\u202f'\u2019"  # space, no-break spaces, apostrophes
_SIGNS = "+-−"
_MARK = re.compile(r"[A-Za-z]{3}")
_OTHER_MARK = {".": ",", ",": "."}
_SEPARATOR = re.compile(f"[{_GROUP_SPACES}.,]")
_DIGITS = re.compile("[0-9]+")
_DECIMALS = re.compile(f"[0-9]{{1,{MAX_DECIMALS}}}")
_TRAILING_MARK = re.compile(r"(?:[A-Za-z]{3}|[^\w\s])$")
_ONE_MARK_AND_THREE_DIGITS = re.compile(r"([0-9]{1,3})([.,])([0-9]{3})")


@dataclass(frozen=True)
class Amount:
    """A non-negative amount, and the currency that was written beside it, if one was."""

    value: Decimal
    currency: str | None


def parse_amount(text: str, decimal_mark: str | None) -> Amount:
    """An amount in any of the accepted spellings, such as ``€1.299,00`` or ``1 299 EUR``.

    ``decimal_mark`` decides where one mark has exactly three digits after it. Raises CellError
    with ``mrr_invalid``, ``mrr_negative`` or, without a mark to decide, ``mrr_ambiguous``.
    """
    is_negative, digits, mark = _split_marks(text)
    if decimal_mark is None and not is_negative and _is_ambiguous(digits):
        raise _ambiguous(digits)
    value = _number(digits, decimal_mark)
    if value is None or value >= AMOUNT_LIMIT:
        raise CellError("mrr_invalid", "not an amount; write it as 1299.00")
    if is_negative and value:
        raise CellError("mrr_negative", "below zero; an amount is zero or more")
    return Amount(value, SYMBOL_CURRENCIES.get(mark, mark.upper() if mark.isalpha() else None))


def is_ambiguous(text: str) -> bool:
    """Whether the text alone does not say if its one mark is for thousands or for decimals."""
    return _is_ambiguous(_split_marks(text)[1])


def decimal_mark_of(texts: Iterable[str]) -> str | None:
    """The decimal mark on which all amounts of a column agree that can be read in one way only.

    None where they disagree, or none of them has a mark.
    """
    marks = {mark for text in set(texts) if ("." in text or "," in text) and (mark := _used(text))}
    return marks.pop() if len(marks) == 1 else None


def _used(text: str) -> str | None:
    """The decimal mark that an amount shows: its own, or the one its thousands leave over."""
    _, digits, _ = _split_marks(text)
    marks = [character for character in digits if character in _OTHER_MARK]
    if not marks or _is_ambiguous(digits) or _number(digits, None) is None:
        return None
    is_thousands = len(marks) > 1 and len(set(marks)) == 1
    return _OTHER_MARK[marks[0]] if is_thousands else marks[-1]


def _is_ambiguous(digits: str) -> bool:
    match = _ONE_MARK_AND_THREE_DIGITS.fullmatch(digits)
    return match is not None and match[1] != "0"


def _ambiguous(digits: str) -> CellError:
    whole, mark, tail = digits[:-4], digits[-4], digits[-3:]
    return CellError(
        "mrr_ambiguous",
        f"{whole}{tail}.00 or {whole}.{tail}? No other amount of the column tells whether {mark!r} "
        "marks thousands or decimals: set decimal_mark (. or ,) of the company in "
        "seeds/companies.csv, or write it with two decimals",
    )


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
    match = None if mark else _TRAILING_MARK.search(rest)
    if match and _mark_length(match[0]):
        mark, rest = match[0], rest[: match.start()].rstrip()
    return sign not in ("", "+"), rest, mark


def _mark_length(text: str) -> int:
    if unicodedata.category(text[0]) == "Sc":
        return 1
    return 3 if _MARK.match(text) else 0


def _number(text: str, decimal_mark: str | None) -> Decimal | None:
    """The number, or None where its digits are not well grouped or too many are decimals."""
    whole, decimals = _split_decimals(text, decimal_mark)
    separators = {character for character in whole if not character.isdigit()}
    if len(separators) > 1:
        return None
    groups = _SEPARATOR.split(whole)
    is_grouped = len(groups[0]) in (1, 2, 3) and all(len(group) == 3 for group in groups[1:])
    is_plain = len(groups) == 1
    if not (is_plain or is_grouped) or not _DIGITS.fullmatch("".join(groups)):
        return None
    if decimals is None:
        return Decimal("".join(groups))
    if not _DECIMALS.fullmatch(decimals):
        return None
    return Decimal(f"{''.join(groups)}.{decimals}")


def _split_decimals(text: str, decimal_mark: str | None) -> tuple[str, str | None]:
    """Whole part and decimals; ``decimal_mark`` decides where the text alone does not."""
    marks = [character for character in text if character in ".,"]
    if not marks:
        return text, None
    whole, _, tail = text.rpartition(marks[-1])
    if len(set(marks)) == 2:
        return whole, tail
    if len(marks) > 1:
        return text, None
    is_thousands = _is_ambiguous(text) and marks[0] != decimal_mark
    return (text, None) if is_thousands else (whole, tail)
