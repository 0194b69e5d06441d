"""What the cells of an import mean, from the definitions of the input contract.

An amount is what it comes to under either decimal mark: one reading is certain, two are decided by
the certain amounts of the column, by the company's setting, or not at all.
"""

import re
from datetime import date, timedelta
from decimal import Decimal

STATUSES = {
    "": "active",
    "active": "active",
    "past_due": "active",
    "canceled": "canceled",
    "cancelled": "canceled",
    "paused": "paused",
    "void": "void",
}
GROUPS = " \u00a0\u202f'\u2019"


def read_amounts(texts: list[str], company_mark: str | None) -> list[Decimal | str]:
    """The amounts of a column without signs and currencies, or the codes of their refusal."""
    readings = [amount_readings(text) for text in texts]
    marks = {
        mark
        for text, found in zip(texts, readings, strict=True)
        if len(found) == 1 and ("." in text or "," in text)
        for mark in found
    }
    mark = marks.pop() if len(marks) == 1 else company_mark
    return [_decide(found, mark) for found in readings]


def amount_readings(text: str) -> dict[str, Decimal]:
    """The amount under each decimal mark under which it is well formed."""
    found = {}
    for mark, other in (".,", ",."):
        decimals = rf"(?:\{mark}(?P<decimals>[0-9]{{1,4}}))?"
        plain = rf"(?P<whole>[0-9]+){decimals}"
        thousands = rf"(?P<gap>[{GROUPS}{other}])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*"
        grouped = rf"(?P<whole>[0-9]{{1,3}}{thousands}){decimals}"
        # A lone zero is no thousand.
        lone_zero = rf"0[{other}][0-9]{{3}}"
        match = re.fullmatch(plain, text) or re.fullmatch(grouped, text)
        if match and not re.fullmatch(lone_zero, text):
            whole = re.sub("[^0-9]", "", match["whole"])
            found[mark] = Decimal(f"{whole}.{match['decimals'] or 0}")
    return found


def _decide(readings: dict[str, Decimal], mark: str | None) -> Decimal | str:
    values = set(readings.values())
    if not values:
        return "mrr_invalid"
    if len(values) > 1 and mark is None:
        return "mrr_ambiguous"
    value = values.pop() if len(values) == 1 else readings[mark]
    return value if value < 10**12 else "mrr_invalid"


def day_of_date_time(text: str) -> date:
    """The day of an ISO date-time: its first ten characters, whatever its zone."""
    return date.fromisoformat(text[:10])


def last_day(text: str) -> date | None:
    """An end in ISO form; a year from 2101 on means none."""
    return None if not text or int(text[:4]) > 2100 else date.fromisoformat(text)


def overlap(first: tuple[date, date | None], second: tuple[date, date | None]) -> bool:
    """Whether two periods, last days included, have a day in common."""
    far = date.max - timedelta(days=1)
    return first[0] <= (second[1] or far) and second[0] <= (first[1] or far)
