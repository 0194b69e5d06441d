"""Customers drawn for the proof that steady signals are quiet, and what signals made of them.

Their days are written into ``int_organization_metrics_daily`` as counts: a million
organization-days need no events for what is measured here, and the models of health and signals
read no others.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

FIRST_DAY = date(2024, 1, 1)
DAYS = 500
ORGANIZATIONS = 2000
DROP = 0.4  # what is left of the use after a real drop
DROP_SHARE = 0.1
FIND_WITHIN = 60
WARM_UP = 60  # days until both windows of 30 days are full; what opens before is left out
WEEKDAYS = (1.0, 1.05, 1.05, 1.0, 0.9, 0.2, 0.15)
# First day, length, and what is left of the use: Easter, summer, the turn of the year.
HOLIDAYS = ((85, 9, 0.35), (190, 45, 0.65), (355, 13, 0.2))


@dataclass(frozen=True)
class Customers:
    """Events by organization and day, and the day from which an organization uses less."""

    events: np.ndarray
    dropped_on: dict[int, int]


def draw_customers(seed: int) -> Customers:
    """Log-normal volumes, each organization's own holidays, busy and slack weeks, Poisson days."""
    draw = np.random.default_rng(seed)
    volume = draw.lognormal(np.log(4.0), 1.0, ORGANIZATIONS)  # events on a working day
    days = np.arange(DAYS)
    rate = volume[:, None] * np.array(WEEKDAYS)[(days + FIRST_DAY.weekday()) % 7]
    for first, length, left in HOLIDAYS:
        own = np.clip(draw.normal(left, 0.15, ORGANIZATIONS), 0.05, 1.0)
        rate[:, first : first + length] *= own[:, None]
    weeks = draw.gamma(10.0, 0.1, (ORGANIZATIONS, DAYS // 7 + 1))
    rate *= weeks[:, days // 7]
    chosen = draw.choice(ORGANIZATIONS, int(ORGANIZATIONS * DROP_SHARE), replace=False)
    dropped_on = {int(org): int(draw.integers(2 * WARM_UP, DAYS - FIND_WITHIN)) for org in chosen}
    for org, day in dropped_on.items():
        rate[org, day:] *= DROP
    return Customers(draw.poisson(rate), dropped_on)


def write_metrics(
    connection: duckdb.DuckDBPyConnection, company_id: str, customers: Customers
) -> None:
    """Fill the two tables that health and signals are computed from."""
    events = customers.events
    last_30 = _rolling(events, 30)
    previous_30 = np.hstack([np.zeros((ORGANIZATIONS, 30), np.int64), last_30[:, :-30]])
    day_numbers = np.where(events > 0, np.arange(DAYS), -1)
    last_seen = np.maximum.accumulate(day_numbers, axis=1)
    days = np.array([FIRST_DAY + timedelta(days=n) for n in range(DAYS)], "datetime64[D]")
    seen = last_seen >= 0
    metrics = pa.table(
        {
            "external_org_id": np.repeat([f"org-{n:04}" for n in range(ORGANIZATIONS)], DAYS),
            "date_day": np.tile(days, ORGANIZATIONS),
            "events": events.ravel(),
            "events_30d": last_30.ravel(),
            "events_previous_30d": previous_30.ravel(),
            "active_days_30d": _rolling(events > 0, 30).ravel(),
            "last_seen_at": pa.array(
                days[np.maximum(last_seen, 0)].ravel().astype("datetime64[us]"), mask=~seen.ravel()
            ),
            "days_since_last_seen": pa.array(
                (np.arange(DAYS) - last_seen).ravel(), mask=~seen.ravel()
            ),
        }
    )
    connection.register("metrics", metrics)
    connection.execute(
        "insert into intermediate.int_organization_metrics_daily by name"
        f" select '{company_id}' as company_id, 'all' as app_id, *, 0 as sessions,"
        " 0 as page_views, 0 as features_used, 0 as sessions_30d, 0 as features_used_30d"
        " from metrics"
    )
    connection.execute(
        "insert into intermediate.int_organization_mrr_daily by name"
        f" select '{company_id}' as company_id, external_org_id, date_day, 100 as mrr,"
        " 1 as mrr_rank from metrics"
    )
    connection.unregister("metrics")


def _rolling(values: np.ndarray, days: int) -> np.ndarray:
    total = np.cumsum(values, axis=1, dtype=np.int64)
    return total - np.hstack([np.zeros((len(values), days), np.int64), total[:, :-days]])


@dataclass(frozen=True)
class Quiet:
    """What a list of `usage_drop` episodes is worth to its readers."""

    false_per_100_years: float
    share_of_three_days: float  # of the false episodes, at most three days long
    worst_week: float  # share of the organizations with a false episode that opened in it
    found: float  # share of the real drops within 60 days
    median_delay: float  # days from the drop to the opening, of the drops found

    def line(self) -> str:
        return (
            f"{self.false_per_100_years:6.1f} false episodes per 100 organization-years,"
            f" {self.share_of_three_days:.0%} of at most three days,"
            f" worst week {self.worst_week:.1%} of organizations,"
            f" {self.found:.1%} of the drops found after {self.median_delay:g} days"
        )


def measure(connection: duckdb.DuckDBPyConnection, company_id: str, customers: Customers) -> Quiet:
    """Hold the episodes against the drops: false is one that no real drop of 60 days covers."""
    rows = connection.execute(
        "select external_org_id, opened_on, last_held_on, days_held from marts.signal_episodes"
        " where company_id = $1 and app_id = 'all' and signal_type = 'usage_drop'"
        " order by opened_on",
        [company_id],
    ).fetchall()
    false, delays = [], {}
    for name, opened_on, last_held_on, days_held in rows:
        org = int(name.removeprefix("org-"))
        opened, last = ((day - FIRST_DAY).days for day in (opened_on, last_held_on))
        if opened < WARM_UP:
            continue
        dropped = customers.dropped_on.get(org)
        if dropped is None or last < dropped or opened > dropped + FIND_WITHIN:
            false.append((org, opened, days_held))
        else:
            delays.setdefault(org, max(opened - dropped, 0))
    weeks: dict[int, set[int]] = {}
    for org, opened, _ in false:
        weeks.setdefault(opened // 7, set()).add(org)
    years = ORGANIZATIONS * (DAYS - WARM_UP) / 365
    return Quiet(
        false_per_100_years=100 * len(false) / years,
        share_of_three_days=sum(days <= 3 for *_, days in false) / max(len(false), 1),
        worst_week=max(map(len, weeks.values()), default=0) / ORGANIZATIONS,
        found=len(delays) / len(customers.dropped_on),
        median_delay=float(np.median(list(delays.values()))) if delays else float("inf"),
    )
