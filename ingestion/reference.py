"""Reference data as ingestion needs it: the registry of companies and what their imports may hold.

dbt loads the same CSVs as seeds; here they decide what is accepted.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TextIO

import pycountry

from ingestion.errors import UserError
from ingestion.rates import BASE_CURRENCY, ExchangeRates
from ingestion.seeds.validation import DEFAULT_SEEDS, REQUIRED_SEEDS, raise_if_wrong
from ingestion.settings import Settings

RATE_UNIT = 10**8  # rates have 8 decimals, as in the models


SeedRow = dict[str, str]


@dataclass(frozen=True)
class Application:
    """A registered application: whether personal data on its calls is kept as hashes only, and
    whether one user id stands for a whole organization.
    """

    is_hashed: bool = True
    is_instance: bool = False


@dataclass(frozen=True)
class Company:
    """A registered company.

    ``date_order`` is ``dmy``, ``mdy`` or None; ``decimal_mark`` ``.``, ``,`` or None.
    """

    company_id: str
    reporting_currency: str
    date_order: str | None
    decimal_mark: str | None
    applications: Mapping[str, Application] = field(default_factory=dict)


@dataclass(frozen=True)
class Registry:
    """Who may send what, from the seeds."""

    companies: dict[str, Company]
    rates: ExchangeRates
    signal_types: frozenset[str]
    group_types: tuple[SeedRow, ...] = ()
    trait_plan: tuple[SeedRow, ...] = ()

    def refusal(self, company_id: str, app_id: str | None) -> tuple[str, str] | None:
        """Reason code and detail where the ids of a file's folder are not registered, else None.

        ``app_id`` is None for imports.
        """
        company = self.companies.get(company_id)
        if company is None:
            return "unknown_company", f"{company_id!r} is not in seeds/companies.csv"
        if app_id is None or app_id in company.applications:
            return None
        return "unknown_application", f"{app_id!r} is not in seeds/applications.csv"

    def company(self, company_id: str) -> Company:
        """The registered company. Raises UserError with the known ids."""
        if company_id not in self.companies:
            known = ", ".join(sorted(self.companies)) or "none yet"
            raise UserError(
                f"no company {company_id!r}; add it to seeds/companies.csv (known: {known})"
            )
        return self.companies[company_id]

    def is_currency(self, code: str) -> bool:
        """Whether the code is one of ISO 4217, in use or with rates from when it was."""
        return code in self.rates.currencies() or pycountry.currencies.get(alpha_3=code) is not None

    def is_convertible(self, code: str, company: Company) -> bool:
        """Whether amounts in ``code`` can be expressed in the company's reporting currency."""
        if code == company.reporting_currency:
            return True
        return {code, company.reporting_currency} <= self.rates.currencies()


def load_registry(settings: Settings) -> Registry:
    """Validate the reference data, all of it, and read the registry.

    Raises ReferenceDataError where anything in it has to be corrected.
    """
    raise_if_wrong(settings)
    applications: dict[str, dict[str, Application]] = {}
    for row in _seed_rows(settings, "applications.csv"):
        applications.setdefault(row["company_id"], {})[row["app_id"]] = Application(
            is_hashed=row.get("pii_policy") != "allowed",
            is_instance=row.get("identity_mode") == "instance",
        )
    companies = {}
    for row in _seed_rows(settings, "companies.csv"):
        company_id = row["company_id"]
        companies[company_id] = Company(
            company_id,
            row["reporting_currency"] or BASE_CURRENCY,
            row.get("date_order") or None,
            row.get("decimal_mark") or None,
            applications.get(company_id, {}),
        )
    return Registry(
        companies,
        ExchangeRates.of(_rate(row) for row in _seed_rows(settings, "exchange_rates.csv")),
        frozenset(row["signal_type"] for row in _seed_rows(settings, "signal_types.csv")),
        tuple(_seed_rows(settings, "group_types.csv")),
        tuple(_seed_rows(settings, "trait_plan.csv")),
    )


def _rate(row: dict[str, str]) -> tuple[date, str, Fraction]:
    units = Fraction(round(Fraction(row["units_per_eur"]) * RATE_UNIT), RATE_UNIT)
    return date.fromisoformat(row["rate_date"]), row["currency"], units


def signal_types(seeds: Path) -> list[str]:
    """The types of signals that a complete seeds folder names, in its order."""
    return [row["signal_type"] for row in _rows(seeds / "signal_types.csv")]


def seed_file(settings: Settings, name: str) -> Path:
    """The file that a seed is read from: the folder's own, else the project's.

    Raises UserError where the folder lacks a part of the registry.
    """
    own = settings.seeds / name
    if own.is_file():
        return own
    if name in REQUIRED_SEEDS:
        raise UserError(f"{own} is missing; SAAS_TRACKER_SEEDS names its folder")
    return DEFAULT_SEEDS / name


def seed_text(settings: Settings, name: str) -> str:
    """A complete seed: files and columns that the folder does not have come from the project's.

    Of rows that belong to a company, only the ``*`` rows. Raises UserError like ``seed_file``.
    """
    source, default = seed_file(settings, name), DEFAULT_SEEDS / name
    if source.suffix != ".csv":
        return source.read_text("utf-8")
    columns, own_columns = _header(default), _header(source)
    if source == default and settings.seeds != DEFAULT_SEEDS:
        rows = [row for row in _rows(default) if row.get("company_id", "*") == "*"]
    elif set(columns) <= set(own_columns):
        return source.read_text("utf-8-sig")
    else:
        rows = _rows(source)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _seed_rows(settings: Settings, name: str) -> list[SeedRow]:
    return _read_rows(io.StringIO(seed_text(settings, name), newline=""))


def _rows(path: Path) -> list[SeedRow]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return _read_rows(stream)


def _read_rows(stream: TextIO) -> list[SeedRow]:
    return list(csv.DictReader(stream, restval=""))  # a short row lacks its last cells


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream), [])
