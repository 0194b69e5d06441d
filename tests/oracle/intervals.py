"""95 % intervals: how sure a share or an area under the curve is."""

from fractions import Fraction
from math import sqrt

Z = 1.959963984540054  # 95 % of a normal distribution lie within so many standard deviations


def wilson(found: int, total: int) -> tuple[Fraction | None, Fraction | None]:
    """The 95 % interval of a share by Wilson's score."""
    if not total:
        return None, None
    share = found / total
    center = (share + Z**2 / (2 * total)) / (1 + Z**2 / total)
    half = Z * sqrt(share * (1 - share) / total + Z**2 / (4 * total**2)) / (1 + Z**2 / total)
    return _bounds(center, half)


def hanley_mcneil(auc: Fraction | None, lost: int, kept: int) -> tuple:
    """The 95 % interval of an area under the curve, by Hanley and McNeil (1982)."""
    if auc is None:
        return None, None
    area = float(auc)
    both_lost = area / (2 - area)
    both_kept = 2 * area**2 / (1 + area)
    variance = (
        area * (1 - area) + (lost - 1) * (both_lost - area**2) + (kept - 1) * (both_kept - area**2)
    ) / (lost * kept)
    return _bounds(area, Z * sqrt(max(variance, 0.0)))


def _bounds(center: float, half: float) -> tuple[Fraction, Fraction]:
    return Fraction(max(center - half, 0.0)), Fraction(min(center + half, 1.0))
