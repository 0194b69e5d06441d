"""docs/add-a-health-component.md, followed to the letter on a copy of the project."""

import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.oracle.inputs import read_seeds
from tests.support.company_rows import World
from tests.support.dbt_runner import DBT_PROJECT, PROJECT_ROOT, finish_dbt, start_dbt
from tests.support.raw_warehouse import build_warehouse, write_seeds
from tests.support.signal_edges import dismissals

RECIPE = PROJECT_ROOT / "docs" / "add-a-health-component.md"
AS_OF = date(2025, 3, 1)
# What to do, the file, for an insertion the line below it, and the first block of code after it.
STEP = re.compile(
    r"(Append to|Replace in|Insert into) `([^`]+)`(?:, above `([^`]+)`)?[^\n]*\n\n"
    r"```\w+\n(.*?)^```",
    re.M | re.S,
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small company, built by a copy of the project that was changed as the recipe says."""
    folder = tmp_path_factory.mktemp("project")
    kept_out = shutil.ignore_patterns("target", "logs")
    shutil.copytree(DBT_PROJECT, folder / "dbt_project", ignore=kept_out)
    shutil.copytree(PROJECT_ROOT / "docs", folder / "docs")  # the words of the descriptions
    world = World(AS_OF, (dismissals(AS_OF),), {})
    steps = STEP.findall(RECIPE.read_text("utf-8"))
    assert [verb for verb, *_ in steps] == ["Append to", "Replace in", "Insert into"]
    shutil.copytree(PROJECT_ROOT / "seeds", folder / "seeds")
    for verb, file, below, text in steps:
        target = folder / file
        target.write_text(_changed(target.read_text("utf-8"), verb, below, text), "utf-8")
    reference = read_seeds(folder / "seeds")
    of_all = [row for row in reference["health_model"] if row["company_id"] == "*"]
    assert sum(float(row["weight"]) for row in of_all) == 100
    write_seeds(folder / "seeds_of_dbt", folder / "seeds", world.seed_rows(reference))
    build_warehouse(folder / "warehouse.duckdb", world.raw_rows())
    finish_dbt(
        start_dbt(
            "build",
            "--select",
            "+path:models/marts/health",
            "+organization_metrics_daily",
            "--indirect-selection",
            "cautious",  # of the tests, those whose tables are all built here
            warehouse=folder / "warehouse.duckdb",
            seeds=folder / "seeds_of_dbt",
            work_dir=folder / "work",
            as_of=AS_OF,
        )
    )
    return folder / "warehouse.duckdb"


def test_the_new_component_is_measured_weighed_and_explained(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        wrong, rows, order = connection.execute(
            """
            select
                count(*) filter (
                    components.measure <> metrics.sessions_30d
                    or abs(component_score - least(100, 5 * metrics.sessions_30d)) > 0.001
                ),
                count(*), any_value(components.sort_order)
            from marts.organization_health_components as components
            inner join marts.organization_metrics_daily as metrics
                using (company_id, app_id, external_org_id)
            where components.component = 'sessions' and metrics.date_day = $1
            """,
            [AS_OF],
        ).fetchone()
        assert (wrong, rows > 0, order) == (0, True, 3)
        mistaken = connection.execute(
            """
            select count(*) from marts.organization_health_daily as health
            inner join (
                select company_id, app_id, external_org_id, sum(contribution) as score
                from marts.organization_health_components group by all
            ) using (company_id, app_id, external_org_id)
            where date_day = $1 and abs(health_score - score) > 0.051
            """,
            [AS_OF],
        ).fetchone()[0]
        assert mistaken == 0


def _changed(content: str, verb: str, below: str, text: str) -> str:
    if verb == "Append to":
        return content + text
    if verb == "Replace in":
        old, new = text.splitlines(keepends=True)
    else:
        old = next(line for line in content.splitlines(keepends=True) if line.strip() == below)
        new = text + old
    assert content.count(old) == 1, f"the recipe does not know where: {old}"
    return content.replace(old, new)
