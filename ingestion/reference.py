"""Reference data as ingestion needs it: the registry of companies and what their imports may hold.

dbt loads the same CSVs as seeds; here they decide what is accepted.
"""

import csv
import io
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pycountry

from ingestion.errors import UserError
from ingestion.landing.layout import ALL_APPLICATIONS, ID_PATTERN, Route
from ingestion.settings import PROJECT_ROOT, Settings

DEFAULT_SEEDS = PROJECT_ROOT / "seeds"
REQUIRED_SEEDS = ("companies.csv", "applications.csv")
_SIGNAL_TYPE = re.compile("[a-z][a-z0-9_]*")
BASE_CURRENCY = "EUR"  # exchange rates are units of a currency for one of it


@dataclass(frozen=True)
class Company:
    """A registered company. ``date_order`` is ``dmy``, ``mdy`` or None."""

    company_id: str
    reporting_currency: str
    date_order: str | None
    app_ids: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Registry:
    """Who may send what, from the seeds."""

    companies: dict[str, Company]
    rated_currencies: frozenset[str]
    signal_types: frozenset[str]

    def refusal(self, route: Route) -> tuple[str, str] | None:
        """Reason code and detail where a file's folder is not registered, else None."""
        company = self.companies.get(route.company_id)
        if company is None:
            return "unknown_company", f"{route.company_id!r} is not in seeds/companies.csv"
        if route.app_id is None or route.app_id in company.app_ids:
            return None
        return "unknown_application", f"{route.app_id!r} is not in seeds/applications.csv"

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
        return code in self.rated_currencies or pycountry.currencies.get(alpha_3=code) is not None

    def is_convertible(self, code: str, company: Company) -> bool:
        """Whether amounts in ``code`` can be told in the company's reporting currency."""
        if code == company.reporting_currency:
            return True
        return {code, company.reporting_currency} <= self.rated_currencies | {BASE_CURRENCY}


def load_registry(settings: Settings) -> Registry:
    """Read the registry. Raises UserError where a file is missing or holds a malformed id."""
    seeds = resolve_seeds(settings)
    app_ids: dict[str, set[str]] = {}
    for row in _rows(seeds / "applications.csv"):
        _check_id(row["app_id"], "app_id", "applications.csv")
        app_ids.setdefault(row["company_id"], set()).add(row["app_id"])
    companies = {}
    for row in _rows(seeds / "companies.csv"):
        company_id = row["company_id"]
        _check_id(company_id, "company_id", "companies.csv")
        companies[company_id] = Company(
            company_id,
            (row["reporting_currency"] or BASE_CURRENCY).upper(),
            row.get("date_order") or None,
            frozenset(app_ids.get(company_id, ())),
        )
    return Registry(
        companies,
        frozenset(row["currency"] for row in _rows(seeds / "exchange_rates.csv")),
        frozenset(signal_types(seeds)),
    )


def signal_types(seeds: Path) -> list[str]:
    """The types of signals that a seeds folder names, in its order.

    Raises UserError where a name cannot be that of a model: dbt looks for ``int_signal_<name>``.
    """
    names = [row["signal_type"] for row in _rows(seeds / "signal_types.csv")]
    for name in names:
        if not _SIGNAL_TYPE.fullmatch(name):
            raise UserError(
                f"seeds/signal_types.csv: signal_type {name!r} may hold a-z, 0-9 and _ only"
                " and start with a letter"
            )
    return names


def resolve_seeds(settings: Settings) -> Path:
    """A complete copy of the reference data for dbt, beside the warehouse.

    A copy because dbt writes its run artefacts over seeds that have an absolute path. Files and
    columns that the folder does not have come from the project's own seeds: of rows that belong
    to a company, only the ``*`` rows. Raises UserError where the registry is missing.
    """
    folder = settings.seeds
    for name in REQUIRED_SEEDS:
        if not (folder / name).is_file():
            raise UserError(f"{folder / name} is missing; SAAS_TRACKER_SEEDS names its folder")
    completed = settings.state_dir / "seeds"
    completed.mkdir(parents=True, exist_ok=True)
    for default in DEFAULT_SEEDS.iterdir():
        own = folder / default.name
        source = own if own.is_file() else default
        target = completed / default.name
        text = (
            _completed_csv(own, default) if default.suffix == ".csv" else source.read_text("utf-8")
        )
        if not target.is_file() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")
        # dbt parses again what has a new modification time.
        stat = source.stat()
        os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return completed


def _completed_csv(own: Path, default: Path) -> str:
    columns = _header(default)
    if not own.is_file():
        rows = [row for row in _rows(default) if row.get("company_id", "*") == "*"]
    elif set(columns) <= set(_header(own)):
        return own.read_text("utf-8-sig")
    else:
        rows = _rows(own)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream), [])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, restval=""))  # a short row lacks its last cells


def _check_id(value: str, column: str, name: str) -> None:
    if value == ALL_APPLICATIONS:
        raise UserError(f"seeds/{name}: {column} 'all' is reserved; choose another")
    if not ID_PATTERN.fullmatch(value):
        raise UserError(
            f"seeds/{name}: {column} {value!r} may hold a-z, 0-9, - and _ only, "
            "start with a letter or digit, and have at most 63 characters"
        )
