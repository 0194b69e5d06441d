"""Exact numbers: fractions until the moment a definition says "rounded"."""

import math
from decimal import Decimal
from fractions import Fraction

ZERO_MONEY = Decimal("0.00")


def round_half_up(value: Fraction | Decimal | int, places: int) -> Decimal:
    """Round half away from zero to so many decimals (for the positive values: half up)."""
    scaled = Fraction(value) * 10**places
    digits = math.floor(abs(scaled) + Fraction(1, 2))
    return Decimal(-digits if scaled < 0 else digits).scaleb(-places)


def money(value: Fraction | Decimal | int) -> Decimal:
    """An amount of money: two decimals."""
    return round_half_up(value, 2)


def ratio(part: Fraction | Decimal | int, whole: Fraction | Decimal | int) -> Fraction | None:
    """A rate or share: null when the divisor is 0."""
    return Fraction(part) / Fraction(whole) if whole else None


def money_ratio(part: Fraction | Decimal | int, whole: Decimal | int) -> Decimal | None:
    """An average amount: null when there is nothing to average."""
    return money(Fraction(part) / Fraction(whole)) if whole else None
