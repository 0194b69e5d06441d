"""Thresholds of the reference data."""

from fractions import Fraction

from tests.oracle.inputs import CompanyInputs, own_or_default


def parameter(inputs: CompanyInputs, rule: str, name: str) -> Fraction | None:
    """A parameter of a rule; null where its cell is empty or it has no row."""
    rows = own_or_default(inputs.seeds["telemetry_rules"], inputs.company_id, "rule", "parameter")
    values = [r["value"] for r in rows if (r["rule"], r["parameter"]) == (rule, name)]
    return Fraction(values[0]) if values and values[0] else None
