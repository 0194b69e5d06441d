"""docs/add-a-signal.md, followed to the letter on a copy of the project."""

import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.reference import load_registry
from ingestion.settings import Settings
from tests.oracle.inputs import read_seeds
from tests.support.company_rows import World
from tests.support.dbt_runner import DBT_PROJECT, PROJECT_ROOT, finish_dbt, start_dbt
from tests.support.raw_warehouse import build_warehouse, write_seeds
from tests.support.signal_edges import DISMISSED_DAYS_BACK, dismissals

RECIPE = PROJECT_ROOT / "docs" / "add-a-signal.md"
AS_OF = date(2025, 3, 1)
# "Append to `file`" or "Create `file`" in a line, and the first block of code after it.
STEP = re.compile(r"^(Append to|Create) `([^`]+)`[^\n]*\n\n```\w+\n(.*?)^```", re.M | re.S)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project and a small company, changed as the recipe says, and built."""
    folder = tmp_path_factory.mktemp("project")
    kept_out = shutil.ignore_patterns("target", "logs")
    shutil.copytree(DBT_PROJECT, folder / "dbt_project", ignore=kept_out)
    shutil.copytree(PROJECT_ROOT / "docs", folder / "docs")  # the words of the descriptions
    world = World(AS_OF, (dismissals(AS_OF),), {})
    write_seeds(
        folder / "seeds",
        PROJECT_ROOT / "seeds",
        world.seed_rows(read_seeds(PROJECT_ROOT / "seeds")),
    )
    steps = STEP.findall(RECIPE.read_text())
    assert [verb for verb, *_ in steps] == ["Append to", "Append to", "Create"]
    for verb, file, text in steps:
        target = folder / file
        assert target.exists() == (verb == "Append to"), file
        target.write_text((target.read_text() if target.exists() else "") + text)
    build_warehouse(folder / "warehouse.duckdb", world.raw_rows())
    finish_dbt(
        start_dbt(
            "build",
            "--select",
            "+path:models/marts/signals",
            "--indirect-selection",
            "cautious",  # of the tests, those whose tables are all built here
            warehouse=folder / "warehouse.duckdb",
            seeds=folder / "seeds",
            work_dir=folder / "work",
            as_of=AS_OF,
        )
    )
    return folder


def test_the_new_signal_is_everywhere(project: Path) -> None:
    with duckdb.connect(str(project / "warehouse.duckdb"), read_only=True) as connection:

        def count(mart: str, condition: str = "true") -> int:
            query = f"select count(*) from marts.{mart} where {condition}"
            return connection.execute(query).fetchone()[0]

        new = "signal_type = 'quiet_key_account'"
        # All organizations of the company pay alike and were last seen 40 days before.
        everyone = len(DISMISSED_DAYS_BACK) + 3
        assert count("signals", f"{new} and app_id = 'all'") == everyone
        assert count("signals", f"{new} and severity = 40 / 90") > 0
        assert count("signals", f"{new} and explanation like '%10 EUR a month, last seen 40 days%'")
        assert count("signal_episodes", f"{new} and closed_on is not null") > 0
        assert count("signals_by_organization", "signal_types like '%quiet_key_account%'") > 0
        assert count("signal_summary_by_type", f"{new} and organizations > 0") == 1
        assert count("signal_backtest", f"{new} and outcome = 'lost' and episodes_judged > 0") == 1


def test_the_new_signal_can_be_dismissed(project: Path, tmp_path: Path) -> None:
    settings = Settings(warehouse=tmp_path / "warehouse.duckdb", seeds=project / "seeds")
    assert "quiet_key_account" in load_registry(settings).signal_types
