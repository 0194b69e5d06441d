"""Cells by the types that the description gives them."""

import re
from collections.abc import Callable
from datetime import date

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")
_DECIMAL = re.compile(r"decimal\((\d+), ?(\d+)\)")
_YES = frozenset({"true", "t", "yes", "y", "1"})
_NO = frozenset({"false", "f", "no", "n", "0"})


def is_yes(text: str) -> bool:
    """Whether a boolean cell says yes."""
    return text.lower() in _YES


def _is_decimal(text: str, digits: int, decimals: int) -> bool:
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return False
    whole, _, fraction = text.lstrip("+-").partition(".")
    return len(whole.lstrip("0")) <= digits - decimals and len(fraction) <= decimals


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_whole(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None


_TYPES: dict[str, tuple[Callable[[str], bool], str]] = {
    "string": (lambda _text: True, "a text"),
    "integer": (_is_whole, "a whole number"),
    "bigint": (_is_whole, "a whole number"),
    "double": (lambda text: _NUMBER.fullmatch(text) is not None, "a number such as 0.5"),
    "boolean": (lambda text: text.lower() in _YES | _NO, "true or false"),
    "date": (_is_date, "a day such as 2026-03-01"),
}


def complaint(text: str, kind: str) -> str | None:
    """What a filled cell of a type should be, where it is not."""
    if found := _DECIMAL.fullmatch(kind):
        digits, decimals = int(found[1]), int(found[2])
        good = _is_decimal(text, digits, decimals)
        expected = f"a number with a point and at most {decimals} decimals"
    else:
        is_of_type, expected = _TYPES[kind]
        good = is_of_type(text)
    return None if good else expected
