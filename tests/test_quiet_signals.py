"""Proof that the shipped rules are quiet: 2,000 drawn organizations, through the real models.

With ``--log-cli-level INFO`` it says what it measured (docs/signals.md).
"""

import logging
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.oracle.inputs import read_seeds
from tests.support.company_rows import CompanyRows, World
from tests.support.dbt_runner import finish_dbt, start_dbt
from tests.support.quiet_customers import (
    DAYS,
    FIRST_DAY,
    Quiet,
    draw_customers,
    measure,
    write_metrics,
)
from tests.support.raw_warehouse import build_warehouse, write_seeds
from tests.support.signal_edges import keep_neutral
from tests.support.worlds import PROJECT_SEEDS

pytestmark = pytest.mark.slow

LOGGER = logging.getLogger(__name__)
AS_OF = FIRST_DAY + timedelta(days=DAYS - 1)
FILLED = ("int_organization_metrics_daily", "int_organization_mrr_daily")


@pytest.fixture(scope="module")
def quiet(tmp_path_factory) -> dict[str, Quiet]:
    """The same customers in a company with neutral rules and in one with the shipped ones."""
    folder = tmp_path_factory.mktemp("quiet")
    companies = [CompanyRows(name, AS_OF) for name in ("neutral", "shipped")]
    for company in companies:
        company.application("web", identity_mode="instance")
    keep_neutral(companies[0])
    world = World(AS_OF, tuple(companies), {})
    warehouse = folder / "warehouse.duckdb"
    build_warehouse(warehouse, {})
    _build(world, warehouse, "--select", "+signal_episodes")
    customers = draw_customers(seed=1)
    with duckdb.connect(str(warehouse)) as connection:
        for company in companies:
            write_metrics(connection, company.company_id, customers)
    chosen = ",".join([f"{FILLED[0]}+", "+signal_episodes"])
    _build(world, warehouse, "--full-refresh", "--select", chosen, "--exclude", *FILLED)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = {c.company_id: measure(connection, c.company_id, customers) for c in companies}
    for name, values in found.items():
        LOGGER.info("%-8s %s", name, values.line())
    return found


def _build(world: World, warehouse: Path, *arguments: str) -> None:
    folder = warehouse.parent
    write_seeds(folder / "seeds", PROJECT_SEEDS, world.seed_rows(read_seeds(PROJECT_SEEDS)))
    finish_dbt(
        start_dbt(
            "build",
            *arguments,
            "--exclude-resource-type",
            "test",
            "unit_test",
            warehouse=warehouse,
            seeds=folder / "seeds",
            work_dir=folder / "work",
            as_of=AS_OF,
        )
    )


def test_less_than_half_of_the_false_episodes_are_left(quiet: dict[str, Quiet]) -> None:
    neutral, shipped = quiet["neutral"], quiet["shipped"]
    assert neutral.false_per_100_years > 0
    assert shipped.false_per_100_years <= 0.45 * neutral.false_per_100_years
    assert shipped.share_of_three_days < neutral.share_of_three_days


def test_no_week_names_more_than_a_tenth_of_the_organizations(quiet: dict[str, Quiet]) -> None:
    assert quiet["shipped"].worst_week <= 0.10 < quiet["neutral"].worst_week


def test_real_drops_are_found_in_time(quiet: dict[str, Quiet]) -> None:
    neutral, shipped = quiet["neutral"], quiet["shipped"]
    assert shipped.found >= 0.95
    assert shipped.median_delay <= neutral.median_delay + 5
