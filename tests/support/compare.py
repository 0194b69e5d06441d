"""Compares a mart's rows with the expected ones, column by column, by key."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]

SHOWN = 12


def differences(key: tuple[str, ...], expected: list[Row], actual: list[Row]) -> list[str]:
    """One line per missing row, row too many, repeated key or differing value.

    Only the columns of the expected rows are looked at: a mart may have more. A column that the
    mart lacks differs in every row.
    """
    found = [f"key {k} occurs {n} times" for k, n in _keys(key, actual).items() if n > 1]
    expected_by_key = {_key(key, row): row for row in expected}
    if len(expected_by_key) < len(expected):
        raise ValueError(f"{key} is no key of the expected rows")
    actual_by_key = {_key(key, row): row for row in actual}
    for row_key, row in expected_by_key.items():
        if row_key not in actual_by_key:
            found.append(f"{row_key}: missing, expected {row}")
            continue
        found += [
            f"{row_key}: {column} is {actual_by_key[row_key].get(column, 'no column')!r}, "
            f"expected {_shown(value)}"
            for column, value in row.items()
            if column not in actual_by_key[row_key]
            or not agree(value, actual_by_key[row_key][column])
        ]
    found += [
        f"{row_key}: not expected, is {row}"
        for row_key, row in actual_by_key.items()
        if row_key not in expected_by_key
    ]
    return found


def agree(expected: Any, actual: Any) -> bool:
    """Whether a mart's value is the expected one.

    Rounded numbers (``Decimal``) agree only exactly, and money only as a decimal type; unrounded
    ones (``Fraction``) as far as a double is exact; a ``frozenset`` with any of its values.
    """
    if expected is None or actual is None:
        return expected is actual
    if isinstance(expected, frozenset):
        return actual in expected
    if isinstance(expected, Fraction):
        return abs(float(expected) - float(actual)) <= 1e-9 * max(1.0, abs(float(expected)))
    if isinstance(expected, Decimal):
        is_money = expected.as_tuple().exponent == -2
        return Decimal(str(actual)) == expected and (not is_money or isinstance(actual, Decimal))
    if isinstance(expected, (bool, int, str, date, datetime)):
        return type(expected) is type(actual) and expected == actual
    return expected == actual


def report(name: str, found: list[str]) -> str:
    """What a failed comparison prints."""
    rest = len(found) - SHOWN
    more = [f"... and {rest} more"] if rest > 0 else []
    return "\n".join([f"{name}: {len(found)} differences", *found[:SHOWN], *more])


def _key(key: tuple[str, ...], row: Row) -> tuple:
    return tuple(row.get(column) for column in key)


def _keys(key: tuple[str, ...], rows: list[Row]) -> Counter:
    return Counter(_key(key, row) for row in rows)


def _shown(value: Any) -> str:
    return f"{float(value)} ({value})" if isinstance(value, Fraction) else repr(value)
