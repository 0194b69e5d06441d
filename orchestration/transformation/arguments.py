"""The arguments of dbt calls: pure functions, so that they are tested without a project."""

import json
from datetime import date

# The log file holds what the terminal does not need; unit tests are for tests, not for builds.
GLOBAL_FLAGS = ("--no-use-colors", "--log-level-file", "info", "--no-version-check")
_NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def build_arguments(as_of: date, *, full_refresh: bool = False) -> list[str]:
    """``dbt build`` for the marts of one day."""
    arguments = ["build", *_variables(as_of), *_NO_UNIT_TESTS]
    return [*arguments, "--full-refresh"] if full_refresh else arguments


def parse_arguments(as_of: date) -> list[str]:
    """``dbt parse`` with the variables of the build: others would make it parse again."""
    return [*GLOBAL_FLAGS, "parse", *_variables(as_of)]


def what_if_arguments(as_of: date, first: list[str], last: str) -> list[str]:
    """``dbt run`` of the models from some to another, on a warehouse that has none of them."""
    between = [f"{name}+,+{last}" for name in first]
    return ["run", *_variables(as_of), "--select", *between, "--full-refresh"]


def _variables(as_of: date) -> list[str]:
    return ["--vars", json.dumps({"as_of_date": as_of.isoformat()})]
