"""MRR once more, from the imported versions: whole numbers of cents, in plain Python.

Which subscriptions count is read from the mart, as that rule is written once (docs/metrics.md);
what each is worth, whose it is, and every sum of them are computed from raw rows.
"""

from datetime import date

import duckdb
import pandas as pd

Numbers = dict[tuple[str, str], int]

_COUNTING = """
    select newest.company_id, newest.external_org_id, newest.currency, newest.mrr_e4
    from (
        select company_id, subscription_id, external_org_id, currency, start_at, end_at, status,
            (mrr::decimal(38, 4) * 10000)::bigint as mrr_e4
        from raw.subscription_versions
        qualify row_number() over (
            partition by company_id, subscription_id order by version_number desc
        ) = 1
    ) as newest
    semi join (from marts.subscriptions where is_active) using (company_id, subscription_id)
    where newest.status <> 'void'
        and $day between newest.start_at and coalesce(newest.end_at, $day)"""
_RATES = """
    select currency, rate_date, (units_per_eur::decimal(38, 8) * 100000000)::bigint as units_e8
    from seeds.exchange_rates order by rate_date"""
_COMPANIES = """
    select company_id, upper(coalesce(nullif(reporting_currency, ''), 'EUR'))
    from seeds.companies"""


def money(connection: duckdb.DuckDBPyConnection, day: date) -> Numbers:
    """MRR in cents, paying organizations and counting subscriptions of every company."""
    counting = counting_subscriptions(connection, day)
    numbers: Numbers = {}
    for company_id, _ in connection.execute(_COMPANIES).fetchall():
        own = counting[counting["company_id"] == company_id]
        by_organization = own.groupby("external_org_id")["cents"].sum()
        numbers[company_id, "MRR in cents"] = int(own["cents"].sum())
        numbers[company_id, "paying organizations"] = int((by_organization > 0).sum())
        numbers[company_id, "counting subscriptions"] = len(own)
    return numbers


def counting_subscriptions(connection: duckdb.DuckDBPyConnection, day: date) -> pd.DataFrame:
    """The subscriptions that count on the day, with their ``cents`` in the reporting currency."""
    counting = connection.execute(_COUNTING, {"day": day}).df()
    rates, currencies = _rates(connection, day), dict(connection.execute(_COMPANIES).fetchall())
    counting["cents"] = [
        _cents(amount, rates, currency, currencies[company])
        for amount, currency, company in zip(
            counting["mrr_e4"], counting["currency"], counting["company_id"], strict=True
        )
    ]
    return counting


def _rates(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, int]:
    """Units per euro of the day, in units of 10^-8: the last on or before it, else the first."""
    first: dict[str, int] = {"EUR": 10**8}
    last: dict[str, int] = {}
    for currency, rate_date, units in connection.execute(_RATES).fetchall():
        first.setdefault(currency, units)
        if rate_date <= day and currency != "EUR":
            last[currency] = units
    return first | last


def _cents(amount_e4: int, rates: dict[str, int], currency: str, reporting: str) -> int:
    """The amount in cents of the reporting currency, rounded half up."""
    if currency == reporting:
        numerator, denominator = int(amount_e4), 100
    else:
        numerator, denominator = int(amount_e4) * rates[reporting], 100 * rates[currency]
    return (2 * numerator + denominator) // (2 * denominator)
