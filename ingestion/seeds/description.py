"""What the files of reference data hold: columns, types and rules, as dbt knows them.

``dbt_project/models/seeds/seeds.yml`` says it once. dbt tests the loaded seeds with it; here the
same rules are applied to the files, before anything is loaded.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from ingestion.settings import PROJECT_ROOT

DESCRIPTION = PROJECT_ROOT / "dbt_project" / "models" / "seeds" / "seeds.yml"


@dataclass(frozen=True)
class Rule:
    """A rule of a seed: an argument of the test `key_and_rules`, or another test, by name."""

    name: str
    argument: Any
    is_warning: bool = False


@dataclass(frozen=True)
class Seed:
    """A file of reference data; ``columns`` are dbt's types by name, in the order of the file."""

    name: str
    columns: dict[str, str]
    rules: tuple[Rule, ...]

    @property
    def file(self) -> str:
        """The name of its CSV."""
        return f"{self.name}.csv"


@cache
def read_description() -> dict[str, Seed]:
    """Every seed by name, as it was when a process first asked."""
    # The C loader is seven times faster; an installation may lack it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    described = yaml.load(DESCRIPTION.read_text("utf-8"), loader)
    return {entry["name"]: _seed(entry) for entry in described["seeds"]}


def _seed(entry: dict[str, Any]) -> Seed:
    rules: list[Rule] = []
    for test in entry.get("data_tests", ()):
        [(name, options)] = test.items()
        arguments = options["arguments"]
        if name == "key_and_rules":
            rules += [Rule(argument, value) for argument, value in arguments.items()]
        else:
            is_warning = options.get("config", {}).get("severity") == "warn"
            rules.append(Rule(name, arguments, is_warning))
    return Seed(entry["name"], entry["config"]["column_types"], tuple(rules))
