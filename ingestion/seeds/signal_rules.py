"""Rules about the types of signals and their parameters, which their models name."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from ingestion.seeds.problems import not_one_of, shown
from ingestion.seeds.reading import Row, SeedTable
from ingestion.seeds.rules import EVERY
from ingestion.settings import PROJECT_ROOT

Tables = Mapping[str, SeedTable]

_MODELS = PROJECT_ROOT / "dbt_project" / "models" / "intermediate" / "signals"
_SIGNAL_TYPE = re.compile("[a-z][a-z0-9_]*")
# What a model asks for: signal_inputs('type', ['needed', ...], {'steady': neutral value, ...})
_SIGNAL_INPUTS = re.compile(r"signal_inputs\(\s*'\w+',\s*\[([^]]*)\](?:,\s*\{([^}]*)\})?")
_NEEDED = re.compile(r"'(\w+)'")
_STEADY = re.compile(r"'(\w+)':")
_OF_EVERY_TYPE = ("hold_days",)
# The threshold for closing, that for opening, and which of the two must not be the smaller one.
_THRESHOLDS = (
    ("close_ratio", "max_ratio", "close_ratio"),
    ("close_ratio", "min_ratio", "min_ratio"),
    ("close_health_score", "max_health_score", "close_health_score"),
)


def signal_types_can_be_models(tables: Tables) -> None:
    """dbt looks for a model ``int_signal_<type>``."""
    for row in tables["signal_types"].rows:
        name = row.cells.get("signal_type", "")
        if name and not _SIGNAL_TYPE.fullmatch(name):
            tables["signal_types"].object_to(
                row.line,
                f"signal_type {shown(name)} may hold a-z, 0-9 and _ only and start with a letter",
            )


def signal_parameters_are_known(tables: Tables) -> None:
    """A type has rows for the parameters that its model needs, and for none that it has not."""
    table = tables["signal_rules"]
    has: dict[tuple[str, str], set[str | None]] = {}
    for row in table.rows:
        signal_type, parameter = row.cells.get("signal_type", ""), row.cells.get("parameter", "")
        needed = signal_parameters(signal_type)
        known = needed + steady_parameters(signal_type)
        if needed and parameter and parameter not in known:
            table.object_to(row.line, not_one_of(f"parameter of {signal_type}", parameter, known))
        has.setdefault((signal_type, parameter), set()).add(row.cells.get("company_id"))
    # A misspelt parameter is not missing, too.
    for signal_type in tables["signal_types"].values("signal_type") if table.is_right else ():
        for parameter in signal_parameters(signal_type):
            without = companies_without(tables, has.get((signal_type, parameter), set()))
            if without:
                message = f"{signal_type} has no {parameter} for {', '.join(without)}"
                table.object_to(None, f"{message}: add a row, or one for all companies (*)")


def steady_rules_agree(tables: Tables) -> None:
    """Days are whole, switches 0 or 1; what just opened is not closed at once."""
    table = tables["signal_rules"]
    rules: dict[str, dict[tuple[str, str], Row]] = {EVERY: {}}
    for row in table.rows:
        parameter, value = row.cells.get("parameter", ""), _number(row)
        if value is None:
            continue
        if parameter == "hold_days" and (value < 1 or value % 1):
            table.object_to(row.line, f"hold_days is {value:g}: it is a number of days from 1 up")
        if parameter == "use_fleet" and value not in (0, 1):
            table.object_to(row.line, f"use_fleet is {value:g}: it is 1 (yes) or 0 (no)")
        key = row.cells.get("signal_type", ""), parameter
        rules.setdefault(row.cells.get("company_id", ""), {})[key] = row
    for company, own in rules.items():
        resolved = {**rules[EVERY], **own}
        values = {key: _number(row) for key, row in resolved.items()}
        for key, words in closed_at_once(values):
            message = f"of {company} {words}"
            table.object_to(resolved[key].line, message, is_warning=True)


def closed_at_once(
    values: Mapping[tuple[str, str], float | None],
) -> Iterator[tuple[tuple[str, str], str]]:
    """Thresholds for closing that a signal has passed when it opens: the key, and what to do."""
    for (signal_type, closing), close in values.items():
        for name, opening, larger in _THRESHOLDS:
            opens = values.get((signal_type, opening))
            if name != closing or opens is None or close is None:
                continue
            if (close < opens) if larger == closing else (close > opens):
                yield (
                    (signal_type, closing),
                    f"{signal_type} opens at {opening} {opens:g} and closes already at {closing}"
                    f" {close:g}: set {closing}, too",
                )


def companies_without(tables: Tables, having: set[str | None]) -> list[str]:
    """The companies that have no row of their own, where there is none for every company."""
    if EVERY in having:
        return []
    return [name for name in tables["companies"].values("company_id") if name not in having]


def signal_parameters(signal_type: str) -> tuple[str, ...]:
    """What the model of a type needs; nothing where there is no such model yet."""
    return _asked_for(signal_type)[0]


def steady_parameters(signal_type: str) -> tuple[str, ...]:
    """What a type may have a row for; without one it has the neutral value."""
    return _asked_for(signal_type)[1]


@cache
def _asked_for(signal_type: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    model = _MODELS / f"int_signal_{signal_type}.sql"
    if not _SIGNAL_TYPE.fullmatch(signal_type) or not model.is_file():
        return (), ()
    found = _SIGNAL_INPUTS.search(model.read_text("utf-8"))
    if not found:
        return (), _OF_EVERY_TYPE
    steady = tuple(_STEADY.findall(found[2] or ""))
    return tuple(_NEEDED.findall(found[1])), (*steady, *_OF_EVERY_TYPE)


def _number(row: Row) -> float | None:
    try:
        return float(row.cells["value"])
    except (KeyError, ValueError):
        return None
