"""The arguments of dbt calls: pure functions, so that they are tested without a project."""

import json
from dataclasses import dataclass
from datetime import date

# The log file holds what the terminal does not need; unit tests are for tests, not for builds.
GLOBAL_FLAGS = ("--no-use-colors", "--log-level-file", "info", "--no-version-check")
_NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class Rebuild:
    """What incremental models compute anew beside what was loaded since: of all where None."""

    company_id: str | None = None
    from_date: date | None = None

    def variables(self) -> dict[str, str]:
        """As dbt variables; those that do not restrict anything are left out."""
        values = {
            "rebuild_company": self.company_id,
            "rebuild_from": self.from_date and self.from_date.isoformat(),
        }
        return {name: value for name, value in values.items() if value}


def build_arguments(
    as_of: date, *, full_refresh: bool = False, rebuild: Rebuild | None = None
) -> list[str]:
    """``dbt build`` for the marts of one day."""
    arguments = ["build", *_variables(as_of, rebuild), *_NO_UNIT_TESTS]
    return [*arguments, "--full-refresh"] if full_refresh else arguments


def parse_arguments(as_of: date) -> list[str]:
    """``dbt parse`` with the variables of the build: others would make it parse again."""
    return [*GLOBAL_FLAGS, "parse", *_variables(as_of)]


def what_if_arguments(as_of: date, first: list[str], last: str) -> list[str]:
    """``dbt run`` of the models from some to another, on a warehouse that has none of them."""
    between = [f"{name}+,+{last}" for name in first]
    return ["run", *_variables(as_of), "--select", *between, "--full-refresh"]


def _variables(as_of: date, rebuild: Rebuild | None = None) -> list[str]:
    values = {"as_of_date": as_of.isoformat(), **(rebuild.variables() if rebuild else {})}
    return ["--vars", json.dumps(values)]
