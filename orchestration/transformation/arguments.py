"""The arguments of dbt calls: pure functions, so that they are tested without a project."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# Dagster keeps what dbt says; a log file beside it takes a tenth of the time of a small build.
# Unit tests are for tests, not for builds.
GLOBAL_FLAGS = ("--no-use-colors", "--log-level-file", "none", "--no-version-check")
# Saved queries are for MetricFlow, which asks them; there is nothing to build.
_NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test", "saved_query")
CALLS_TAG = "calls"
NO_CALLS = ("--exclude", f"tag:{CALLS_TAG}")
"""What is left out where no application sends calls."""


@dataclass(frozen=True)
class Rebuild:
    """What incremental models compute again beside what was loaded since: of all where None."""

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
    *, full_refresh: bool = False, rebuild: Rebuild | None = None, calls: bool = True
) -> list[str]:
    """``dbt build``. The day is no variable: another one would make dbt parse all files again.

    Without ``calls`` the models that find the accounts of calls are left out.
    """
    arguments = ["build", *_variables(rebuild), *_NO_UNIT_TESTS, *(() if calls else NO_CALLS)]
    return [*arguments, "--full-refresh"] if full_refresh else arguments


def parse_arguments() -> list[str]:
    """``dbt parse`` with the variables of the build, which are none: others parse again."""
    return [*GLOBAL_FLAGS, "parse"]


def what_if_arguments(models: Iterable[str]) -> list[str]:
    """``dbt run`` of these models, on a warehouse that has none of them."""
    return ["run", "--select", *sorted(models), "--full-refresh"]


def _variables(rebuild: Rebuild | None) -> list[str]:
    return ["--vars", json.dumps(rebuild.variables())] if rebuild else []
