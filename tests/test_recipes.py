"""docs/add-a-health-component.md and docs/add-a-signal.md, followed to the letter on one copy."""

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
from tests.support.recipes import follow
from tests.support.signal_edges import DISMISSED_DAYS_BACK, dismissals

RECIPES = {
    "add-a-health-component.md": ["Append to", "Replace in", "Insert into"],
    "add-a-signal.md": ["Append to", "Append to", "Create"],
}
AS_OF = date(2025, 3, 1)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, changed as the recipes say, that has built a small company."""
    folder = tmp_path_factory.mktemp("project")
    kept_out = shutil.ignore_patterns("target", "logs")
    shutil.copytree(DBT_PROJECT, folder / "dbt_project", ignore=kept_out)
    shutil.copytree(PROJECT_ROOT / "docs", folder / "docs")  # the words of the descriptions
    shutil.copytree(PROJECT_ROOT / "seeds", folder / "seeds")
    for recipe, verbs in RECIPES.items():
        assert [verb for verb, _ in follow(recipe, folder)] == verbs
    reference = read_seeds(folder / "seeds")
    of_all = [row for row in reference["health_model"] if row["company_id"] == "*"]
    assert sum(float(row["weight"]) for row in of_all) == 100
    world = World(AS_OF, (dismissals(AS_OF),), {})
    write_seeds(folder / "company_seeds", folder / "seeds", world.seed_rows(reference))
    build_warehouse(folder / "warehouse.duckdb", world.raw_rows())
    finish_dbt(
        start_dbt(
            "build",
            *("--select", "+path:models/marts/health", "+path:models/marts/signals"),
            "+organization_metrics_daily",
            "--indirect-selection",
            "cautious",  # of the tests, those whose tables are all built here
            warehouse=folder / "warehouse.duckdb",
            seeds=folder / "company_seeds",
            work_dir=folder / "work",
            as_of=AS_OF,
        )
    )
    return folder


def test_the_new_component_is_measured_weighed_and_explained(project: Path) -> None:
    with duckdb.connect(str(project / "warehouse.duckdb"), read_only=True) as connection:
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
    seeds = shutil.copytree(PROJECT_ROOT / "seeds", tmp_path / "seeds")
    for name in ("signal_types.csv", "signal_rules.csv"):
        shutil.copy(project / "seeds" / name, seeds)
    settings = Settings(warehouse=tmp_path / "warehouse.duckdb", seeds=seeds)
    assert "quiet_key_account" in load_registry(settings).signal_types
