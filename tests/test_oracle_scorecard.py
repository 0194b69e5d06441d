"""Whether the health score tells anything: against the oracle, and on customers drawn for it."""

import random
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.transformation.arguments import NO_CALLS
from tests.oracle.inputs import read_seeds
from tests.support.company_rows import CompanyRows, World, at
from tests.support.compare import differences, report
from tests.support.dbt_runner import finish_dbt, start_dbt
from tests.support.mart_keys import KEYS
from tests.support.raw_warehouse import build_warehouse, write_seeds
from tests.support.worlds import PROJECT_SEEDS, BuiltWorld

MARTS = ("health_outcomes", "health_scorecard", "score_rankings")
D = date(2025, 12, 31)
SEEDS = range(10)
ORGANIZATIONS = 50
MONTHS = 14


@pytest.mark.parametrize("mart", MARTS)
def test_scorecard_mart_equals_the_oracle(built_worlds: list[BuiltWorld], mart: str) -> None:
    for built in built_worlds:
        found = differences(("company_id", *KEYS[mart]), built.expected[mart], built.rows(mart))
        assert not found, report(f"{mart} as of {built.world.as_of}", found)


def test_the_scorecard_has_every_figure_to_compare(built_worlds: list[BuiltWorld]) -> None:
    for mart in ("health_scorecard", "score_rankings"):
        rows = [row for built in built_worlds for row in built.expected[mart]]
        for name in rows[0].keys() - {"as_of_date", "verdict"}:
            assert len({row[name] for row in rows} - {None, 0}) > 2, name


# --- customers with a known relation ---


def drawn_company(name: str, seed: int, *, is_related: bool) -> CompanyRows:
    """Organizations that are quiet in some months, and pay less soon after quiet or any months."""
    draw = random.Random(f"{name} {seed}")
    company = CompanyRows(name, D)
    company.application("web")
    for number in range(ORGANIZATIONS):
        org = f"org-{number:02}"
        quiet, other = ([draw.random() < 0.07 for _ in range(MONTHS)] for _ in range(2))
        warned = quiet if is_related else other
        _add_use(company, org, quiet, draw)
        _add_contractions(company, org, warned, draw)
    return company


def _month_start(month: int) -> date:
    return D - timedelta(days=30 * (MONTHS - month) - 1)


def _add_use(company: CompanyRows, org: str, quiet: list[bool], draw: random.Random) -> None:
    company.organization(org, (at(_month_start(0)), org))
    for month, is_quiet in enumerate(quiet):
        for day in range(0, 30, 15 if is_quiet else 4):
            moment = at(_month_start(month) + timedelta(days=day + draw.randrange(3)))
            company.event(org, moment)


def _add_contractions(
    company: CompanyRows, org: str, warned: list[bool], draw: random.Random
) -> None:
    start, amount = _month_start(0), int(1000 * draw.lognormvariate(0, 0.25))
    for month, is_warned in enumerate(warned):
        if is_warned and draw.random() < 0.95:
            end = _month_start(month + 1) + timedelta(days=draw.randrange(5, 25))
            company.subscription(
                org, str(amount), start, applied_at=at(_month_start(0)), end_at=end
            )
            start, amount = end + timedelta(days=1), amount * 3 // 4
    company.subscription(org, str(amount), start, applied_at=at(_month_start(0)))


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory) -> dict[str, str]:
    """The verdict of every drawn company, by its id; one build."""
    folder = tmp_path_factory.mktemp("scorecard")
    companies = [
        drawn_company(f"{kind}-{seed}", seed, is_related=kind == "related")
        for kind in ("related", "unrelated")
        for seed in SEEDS
    ]
    world = World(D, tuple(companies), {})
    write_seeds(folder / "seeds", PROJECT_SEEDS, world.seed_rows(read_seeds(PROJECT_SEEDS)))
    build_warehouse(folder / "warehouse.duckdb", world.raw_rows())
    finish_dbt(
        start_dbt(
            "build",
            *("--select", "+score_rankings", "--exclude-resource-type", "test", "unit_test"),
            *NO_CALLS,
            warehouse=folder / "warehouse.duckdb",
            seeds=folder / "seeds",
            work_dir=folder / "work",
            as_of=D,
        )
    )
    return _read_verdicts(folder / "warehouse.duckdb")


def _read_verdicts(warehouse: Path) -> dict[str, str]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        query = "select company_id, verdict from marts.score_rankings where verdict is not null"
        return dict(connection.execute(query).fetchall())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_score_that_foretells_losses_is_useful(verdicts: dict[str, str], seed: int) -> None:
    assert verdicts[f"related-{seed}"] == "useful"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_score_without_relation_to_losses_is_not(verdicts: dict[str, str], seed: int) -> None:
    assert verdicts[f"unrelated-{seed}"] in (
        "no_better_than_chance",
        "no_better_than_sorting_by_mrr",
    )
