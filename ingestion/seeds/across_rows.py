"""Rules that look at several rows of a file, or at several files, beyond keys.

A company's own row wins over the row of ``*``; a rule holds for what comes out.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache

import pycountry

from ingestion.seeds.name_keys import names_are_apart
from ingestion.seeds.problems import not_one_of, shown
from ingestion.seeds.reading import Row, SeedTable
from ingestion.seeds.rules import EVERY
from ingestion.seeds.signal_rules import (
    companies_without,
    signal_parameters_are_known,
    signal_types_can_be_models,
    steady_rules_agree,
)
from ingestion.seeds.telemetry_rules import telemetry_parameters_are_there
from ingestion.settings import PROJECT_ROOT

Tables = Mapping[str, SeedTable]

_DBT_PROJECT = PROJECT_ROOT / "dbt_project"
_COMPONENTS = _DBT_PROJECT / "macros" / "health_components.sql"
_COMPONENT = re.compile(r"^        '(\w+)': \{", re.MULTILINE)
_ROUNDING = 0.000001


def currencies_exist(tables: Tables) -> None:
    """Currencies are codes of ISO 4217, in capitals; of rates also codes of former ones."""
    rated = set(tables["exchange_rates"].values("currency"))
    for row in tables["exchange_rates"].rows:
        code = row.cells.get("currency", "")
        if code and not re.fullmatch("[A-Z]{3}", code):
            tables["exchange_rates"].object_to(row.line, _no_currency("currency", code, rated))
    for row in tables["companies"].rows:
        code = row.cells.get("reporting_currency", "")
        if code and code not in rated and not _is_currency(code):
            message = _no_currency("reporting_currency", code, {*rated, "EUR"})
            tables["companies"].object_to(row.line, message)


def _is_currency(code: str) -> bool:
    return code.isupper() and pycountry.currencies.get(alpha_3=code) is not None


def _no_currency(column: str, code: str, rated: set[str]) -> str:
    return not_one_of(column, code, sorted(rated)) + " (a code of ISO 4217, such as EUR)"


def bands_touch(tables: Tables) -> None:
    """``at_risk`` begins at 0, then ``watch``, then ``healthy``, which begins at 100 or below."""
    for company, bands in _resolved(tables["health_bands"], "health_band").items():
        read = [_float(bands.get(name), "min_score") for name in ("at_risk", "watch", "healthy")]
        limits = [limit for limit in read if limit is not None]
        if len(limits) < len(read):
            missing = [name for name in ("at_risk", "watch", "healthy") if name not in bands] or [
                "a min_score"
            ]
            message = f"the bands of {company} lack {', '.join(missing)}"
            tables["health_bands"].object_to(_last_line(bands), message)
        elif not (limits[0] == 0 < limits[1] < limits[2] <= 100):
            found = ", ".join(f"{limit:g}" for limit in limits)
            message = f"the bands of {company} begin at {found} (at_risk, watch, healthy):"
            message += " the first begins at 0, each above the one before, the last at most at 100"
            tables["health_bands"].object_to(_last_line(bands), message)
        if "no_recent_activity" not in bands:
            message = f"the bands of {company} lack no_recent_activity"
            tables["health_bands"].object_to(_last_line(bands), message)


def weights_sum(tables: Tables) -> None:
    """The weights of ``*`` are points of 100. In a company's own rows the share counts."""
    table = tables["health_model"]
    for company, components in _resolved(table, "component").items():
        read = [_float(row, "weight") for row in components.values()]
        weights = [weight for weight in read if weight is not None]
        if len(weights) < len(read):
            continue  # a cell that is no number is a problem of its own
        line, total = _last_line(components), sum(weights)
        if total <= 0:
            table.object_to(line, f"the weights of {company} sum to {total:g}: nothing counts")
        elif abs(total - 100) > _ROUNDING:
            message = f"the weights of {company} sum to {total:g}, not to 100"
            table.object_to(line, message, is_warning=company != EVERY)


def components_score(tables: Tables) -> None:
    """A component has a line between two different points and a weight that is not negative."""
    table = tables["health_model"]
    for row in table.rows:
        weight = _float(row, "weight")
        if weight is not None and weight < 0:
            table.object_to(row.line, f"weight {shown(row.cells['weight'])} is negative")
        ends = [_float(row, "score_0_at"), _float(row, "score_100_at")]
        if ends[0] is not None and ends[0] == ends[1]:
            message = f"score_0_at and score_100_at are both {shown(row.cells['score_0_at'])}"
            table.object_to(row.line, f"{message}: no line runs between equal points")


def components_are_known(tables: Tables) -> None:
    """Every component that is computed has rows, and no other has."""
    table = tables["health_model"]
    has: dict[str, set[str | None]] = {}
    for row in table.rows:
        component = row.cells.get("component", "")
        if component and component not in health_components():
            table.object_to(row.line, not_one_of("component", component, health_components()))
        has.setdefault(component, set()).add(row.cells.get("company_id"))
    for component in health_components() if table.is_right else ():
        if without := companies_without(tables, has.get(component, set())):
            message = f"there is no {component} for {', '.join(without)}"
            table.object_to(None, f"{message}: add a row, or one for all companies (*)")


@cache
def health_components() -> tuple[str, ...]:
    """The components that the macro of their name computes."""
    return tuple(_COMPONENT.findall(_COMPONENTS.read_text("utf-8")))


def features_have_one_name(tables: Tables) -> None:
    """Where rules name one feature differently, one of the names is shown."""
    table = tables["feature_definitions"]
    names: dict[tuple[str, ...], tuple[int, str]] = {}
    for row in table.rows:
        key = tuple(row.cells.get(name, "") for name in ("company_id", "app_id", "feature_key"))
        name = row.cells.get("feature_name", "")
        line, first = names.setdefault(key, (row.line, name))
        if name != first:
            message = f"feature {shown(key[2])} is named {shown(name)}, on line {line}"
            table.object_to(row.line, f"{message} it is {shown(first)}", is_warning=True)


def _resolved(table: SeedTable, column: str) -> dict[str, dict[str, Row]]:
    """By company (``*`` and every one with rows of its own): its row by the column's value."""
    own: dict[str, dict[str, Row]] = {EVERY: {}}
    for row in table.rows:
        own.setdefault(row.cells.get("company_id", ""), {})[row.cells.get(column, "")] = row
    return {company: {**own[EVERY], **rows} for company, rows in own.items()}


def _last_line(rows: Mapping[str, Row]) -> int | None:
    return max((row.line for row in rows.values()), default=None)


def _float(row: Row | None, column: str) -> float | None:
    try:
        return float(row.cells[column]) if row else None
    except (KeyError, ValueError):
        return None


ACROSS_ROWS: tuple[Callable[[Tables], None], ...] = (
    currencies_exist,
    bands_touch,
    weights_sum,
    components_score,
    components_are_known,
    signal_types_can_be_models,
    signal_parameters_are_known,
    steady_rules_agree,
    features_have_one_name,
    names_are_apart,
    telemetry_parameters_are_there,
)
