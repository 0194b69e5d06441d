"""MRR once more, from the imported versions: whole numbers of cents, in plain Python.

A subscription row is worth its newest amount, while its dates and its status on the day say that
it counts (docs/metrics.md).
"""

from datetime import date

import duckdb
import pandas as pd

Numbers = dict[tuple[str, str], int]

_KEY = ["company_id", "subscription_id"]

_VERSIONS = """
    select company_id, subscription_id, external_org_id, version_number, currency, start_at, end_at,
        status, (mrr::decimal(38, 4) * 10000)::bigint as mrr_e4, valid_from::date as known_on
    from raw.subscription_versions
    semi join seeds.companies using (company_id)
    order by version_number"""
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
    versions = connection.execute(_VERSIONS).df()
    for column in ("start_at", "end_at", "known_on"):
        versions[column] = pd.to_datetime(versions[column])
    today = pd.Timestamp(day)
    newest = versions.drop_duplicates(_KEY, keep="last").set_index(_KEY)
    first = versions.drop_duplicates(_KEY).set_index(_KEY)["status"]
    known = versions[versions["known_on"] <= today].drop_duplicates(_KEY, keep="last")
    status = known.set_index(_KEY)["status"].reindex(newest.index).fillna(first)
    has_end = newest["end_at"].notna()
    is_running = (newest["start_at"] <= today) & (~has_end | (newest["end_at"] >= today))
    allows = (status == "active") | ((status == "canceled") & has_end)
    counting = newest[is_running & allows].reset_index()
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
