"""Rules about the parameters of the marts of tracking, which their models name."""

from collections.abc import Mapping

from ingestion.seeds.problems import not_one_of
from ingestion.seeds.reading import Row, SeedTable
from ingestion.seeds.rules import EVERY
from ingestion.seeds.signal_rules import companies_without

Tables = Mapping[str, SeedTable]

_STATUS = ("warning_at", "bad_at")
PARAMETERS = {
    "missing_account_context": _STATUS,
    "user_centric_only": _STATUS,
    "missing_collaboration": _STATUS,
    "missing_billing": _STATUS,
    "roles_unknown": _STATUS,
    "per_user_tracking": ("min_reduction", "min_users_per_account", "max_known_roles"),
    "mtu": ("included_calls_per_mtu",),
    "invitations": ("open_days",),
    "billing": ("grace_days", "mrr_tolerance"),
}
_MAY_BE_EMPTY = ("included_calls_per_mtu",)
_DAYS = ("open_days", "grace_days")


def telemetry_parameters_are_there(tables: Tables) -> None:
    """Every parameter that a model reads has a row with a number, and no other has a row."""
    table = tables["telemetry_rules"]
    has: dict[tuple[str, str], set[str | None]] = {}
    for row in table.rows:
        rule, parameter = row.cells.get("rule", ""), row.cells.get("parameter", "")
        known = PARAMETERS.get(rule, ())
        if known and parameter and parameter not in known:
            table.object_to(row.line, not_one_of(f"parameter of {rule}", parameter, known))
        elif problem := _problem_of(row, parameter):
            table.object_to(row.line, f"{parameter} of {rule} {problem}")
        has.setdefault((rule, parameter), set()).add(row.cells.get("company_id"))
    # A misspelt parameter is not missing, too.
    for rule, parameters in PARAMETERS.items() if table.is_right else ():
        for parameter in parameters:
            if without := companies_without(tables, has.get((rule, parameter), set())):
                message = f"{rule} has no {parameter} for {', '.join(without)}"
                table.object_to(None, f"{message}: add a row, or one for all companies ({EVERY})")


def _problem_of(row: Row, parameter: str) -> str:
    text = row.cells.get("value", "")
    if not text:
        return "" if parameter in _MAY_BE_EMPTY else "has no value: it is a number"
    try:
        value = float(text)
    except ValueError:
        return ""  # a cell that is no number is a problem of its own
    if parameter in _DAYS and value % 1:
        return f"is {value:g}: it is a whole number of days"
    if parameter in _MAY_BE_EMPTY and value == 0:
        return "is 0: leave the cell empty where there is no such limit"
    return ""
