"""What the oracle reads: raw rows and reference rows, narrowed to one company."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.oracle.exact import round_half_up

Row = dict[str, Any]

COMPONENTS = ("recency", "frequency", "trend", "breadth", "users")
BANDS = ("healthy", "watch", "at_risk", "no_recent_activity")
ALL = "all"


def read_seeds(folder: Path) -> dict[str, list[Row]]:
    """The reference CSVs of a folder, by file name without its ending."""
    tables = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as handle:
            tables[file.stem] = list(csv.DictReader(handle))
    return tables


@dataclass(frozen=True)
class Application:
    app_id: str
    is_instance_level: bool
    uses_fixed_buckets: bool
    session_timeout: timedelta


@dataclass(frozen=True)
class HealthComponent:
    weight: Fraction
    score_0_at: Fraction
    score_100_at: Fraction


@dataclass(frozen=True)
class ExchangeRates:
    """Units of a currency for one euro, by day."""

    rows: tuple[tuple[str, date, Fraction], ...]

    @cached_property
    def _by_currency(self) -> dict[str, list[tuple[date, Fraction]]]:
        rates: dict[str, list[tuple[date, Fraction]]] = {}
        for currency, rate_date, units in sorted(self.rows):
            rates.setdefault(currency, []).append((rate_date, units))
        return rates

    def units_per_eur(self, currency: str, day: date) -> Fraction:
        """The last rate on or before the day or, before the first one, the first."""
        if currency == "EUR":
            return Fraction(1)
        rates = self._by_currency[currency]
        known = [units for rate_date, units in rates if rate_date <= day]
        return known[-1] if known else rates[0][1]

    def convert(self, amount: Decimal, source: str, target: str, day: date) -> Decimal:
        """The amount in another currency at the rates of a day, rounded to 2 decimals."""
        if source == target:
            return round_half_up(amount, 2)
        units = self.units_per_eur(target, day) / self.units_per_eur(source, day)
        return round_half_up(Fraction(amount) * units, 2)


def own_or_default(rows: list[Row], company_id: str, *key: str) -> list[Row]:
    """The rows for one thing: the company's own ones, else the rows of ``*``."""
    own = [row for row in rows if row["company_id"] == company_id]
    own_keys = {tuple(row[column] for column in key) for row in own}
    defaults = [
        row
        for row in rows
        if row["company_id"] == "*" and tuple(row[column] for column in key) not in own_keys
    ]
    return own + defaults


@dataclass
class CompanyInputs:
    """One company's raw rows and the reference rows that apply to it, on one as-of date."""

    company_id: str
    as_of: date
    raw: dict[str, list[Row]]
    seeds: dict[str, list[Row]]
    month_rule: str = "month_end"  # or any_day_in_month

    def raw_rows(self, table: str) -> list[Row]:
        return [row for row in self.raw.get(table, []) if row["company_id"] == self.company_id]

    @cached_property
    def company(self) -> Row:
        return next(r for r in self.seeds["companies"] if r["company_id"] == self.company_id)

    @property
    def reporting_currency(self) -> str:
        return self.company["reporting_currency"]

    @cached_property
    def applications(self) -> dict[str, Application]:
        return {
            row["app_id"]: Application(
                app_id=row["app_id"],
                is_instance_level=row["identity_mode"] == "instance",
                uses_fixed_buckets=row["session_inference"] == "fixed_bucket",
                session_timeout=timedelta(minutes=int(row["session_timeout_minutes"] or 30)),
            )
            for row in self.seeds["applications"]
            if row["company_id"] == self.company_id
        }

    @cached_property
    def non_production(self) -> set[str]:
        return {
            row["environment"]
            for row in self.seeds["environments"]
            if row["is_production"].lower() == "false"
        }

    @cached_property
    def features(self) -> list[Row]:
        rows = self.seeds["feature_definitions"]
        return own_or_default(rows, self.company_id, "app_id", "feature_key")

    @cached_property
    def page_patterns(self) -> list[Row]:
        rows = self.seeds["page_paths"]
        return [row for row in rows if row["company_id"] in ("*", self.company_id)]

    @cached_property
    def health_model(self) -> dict[str, HealthComponent]:
        rows = own_or_default(self.seeds["health_model"], self.company_id, "component")
        return {
            row["component"]: HealthComponent(
                Fraction(row["weight"]),
                Fraction(row["score_0_at"]),
                Fraction(row["score_100_at"]),
            )
            for row in rows
        }

    @cached_property
    def band_minimums(self) -> list[tuple[Fraction, str]]:
        """The bands that a score decides, the highest first."""
        rows = own_or_default(self.seeds["health_bands"], self.company_id, "health_band")
        scored = [(Fraction(r["min_score"]), r["health_band"]) for r in rows if r["min_score"]]
        return sorted(scored, reverse=True)

    @cached_property
    def signal_parameters(self) -> dict[tuple[str, str], Fraction]:
        rows = own_or_default(
            self.seeds["signal_rules"], self.company_id, "signal_type", "parameter"
        )
        return {(r["signal_type"], r["parameter"]): Fraction(r["value"]) for r in rows}

    def steady(self, signal_type: str, parameter: str, neutral: Fraction | int) -> Fraction:
        """A parameter of steady signals; where no row sets it, its neutral value."""
        return self.signal_parameters.get((signal_type, parameter), Fraction(neutral))

    @cached_property
    def rates(self) -> ExchangeRates:
        return ExchangeRates(
            tuple(
                (
                    row["currency"],
                    date.fromisoformat(row["rate_date"]),
                    Fraction(row["units_per_eur"]),
                )
                for row in self.seeds["exchange_rates"]
            )
        )
