"""Calendar arithmetic on UTC days."""

from collections.abc import Iterator
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    day = first
    while day <= last:
        yield day
        day += ONE_DAY


def month_of(day: date) -> date:
    """The first day of the day's month: how the marts name a month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def previous_month(month: date) -> date:
    return month_of(month.replace(day=1) - ONE_DAY)


def last_day_of_month(day: date) -> date:
    return next_month(month_of(day)) - ONE_DAY


def months_between(first: date, last: date) -> list[date]:
    """The months of the two days and every month between them."""
    months = [month_of(first)]
    while months[-1] < month_of(last):
        months.append(next_month(months[-1]))
    return months


def twelve_months_before(month: date) -> date:
    return month.replace(year=month.year - 1)
