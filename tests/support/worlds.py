"""The worlds that the oracle tests build, each by one dbt run, and their expected marts."""

import json
import os
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from orchestration.transformation.arguments import NO_CALLS
from tests.oracle.expected import expected_marts
from tests.oracle.inputs import read_seeds
from tests.support.call_group_edges import call_edges
from tests.support.call_stories import companies_with_calls
from tests.support.company_rows import CompanyRows, World
from tests.support.dbt_runner import PROJECT_ROOT, finish_dbt, start_dbt
from tests.support.quality_edges import QUALITY_EDGES
from tests.support.raw_warehouse import build_warehouse, write_seeds
from tests.support.revenue_edges import REVENUE_EDGES
from tests.support.shared_references import SHARED_REFERENCES
from tests.support.signal_edges import SIGNAL_EDGES
from tests.support.signal_histories import signal_histories
from tests.support.strategies import companies
from tests.support.tracking_entities import ENTITY_EDGES
from tests.support.usage_edges import USAGE_EDGES

Row = dict[str, Any]

_EDGES = (*USAGE_EDGES, *QUALITY_EDGES, *REVENUE_EDGES, *SIGNAL_EDGES, *ENTITY_EDGES)
PROJECT_SEEDS = PROJECT_ROOT / "seeds"
COMPANIES_PER_WORLD = 10
STORIES_PER_WORLD = 12

AS_OF_DATES = (
    date(2024, 2, 29),  # a leap day that is a month's end
    date(2025, 3, 1),  # a month of one day, after a February of 28
    date(2024, 12, 18),  # mid-month, and months by the other rule
)
MID_MONTH = 2
"""The world of the slow tests: dbt parses the whole project again for the other rule."""
WITHOUT_CALLS = 1
"""The world in which no application sends calls: a build leaves out what finds their accounts."""
MONTH_RULES = ("month_end", "month_end", "any_day_in_month")

# A search for new counterexamples: any other number draws other companies.
SEED_VARIABLE = "SAAS_TRACKER_TEST_SEED"


@dataclass(frozen=True, repr=False)
class BuiltWorld:
    """A world that dbt has built, beside what the definitions say about it."""

    world: World
    warehouse: Path
    expected: dict[str, list[Row]]
    references: dict[str, list[Row]]

    def rows(self, mart: str) -> list[Row]:
        """The mart's rows; sessions and events name their session as the oracle does.

        Traits are read as JSON.
        """
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            rows = _select(connection, f"select * from marts.{mart}")
            if mart in ("events", "sessions"):
                names = {r["session_id"]: r for r in _select(connection, _SESSION_NAMES)}
                for row in rows:
                    name = names[row["session_id"]]
                    row["session"] = (name["app_id"], name["event_id"])
        for row in rows:
            if row.get("traits") is not None:
                row["traits"] = json.loads(row["traits"])
        return rows


_SESSION_NAMES = """
    select session_id, min(app_id) as app_id, min(event_id) as event_id
    from marts.events
    group by session_id
"""


def build_worlds(*numbers: int, folder: Path) -> list[BuiltWorld]:
    """Build these worlds: dbt works in its own processes while the oracle computes."""
    started = []
    for number in numbers:
        world = draw_world(number)
        work_dir = folder / f"world_{number}"
        seeds, warehouse = work_dir / "seeds", work_dir / "warehouse.duckdb"
        write_seeds(seeds, PROJECT_SEEDS, world.seed_rows(read_seeds(PROJECT_SEEDS)))
        references = read_seeds(seeds)
        build_warehouse(warehouse, world.raw_rows())
        left_out = NO_CALLS if number == WITHOUT_CALLS else ()
        process = start_dbt(
            "build",
            "--exclude-resource-type",
            "test",
            "unit_test",
            *left_out,
            warehouse=warehouse,
            seeds=seeds,
            work_dir=work_dir,
            as_of=world.as_of,
            variables=_month_rule(world),
        )
        started.append((world, warehouse, references, process))
    built = [
        BuiltWorld(
            world,
            warehouse,
            expected_marts(world.raw_rows(), references, world.as_of, world.month_rule),
            references,
        )
        for world, warehouse, references, _ in started
    ]
    for *_, process in started:
        finish_dbt(process)
    return built


def _month_rule(world: World) -> dict[str, str]:
    """The variable of dbt where it is not the default: dbt then parses the whole project again."""
    return {} if world.month_rule == "month_end" else {"mrr_month_rule": world.month_rule}


@cache
def draw_world(number: int) -> World:
    """World 0, 1 ...: random companies and the corner cases, the same on every call.

    One of them has only those that send no calls.
    """
    as_of = AS_OF_DATES[number]
    first_seed = int(os.environ.get(SEED_VARIABLE, "0"))
    names = ["007", "1e5", *(f"drawn-{n}" for n in range(2, COMPANIES_PER_WORLD))]
    drawn = []
    for index, company_id in enumerate(names):
        seed_number = first_seed + COMPANIES_PER_WORLD * number + index
        # The last one has years of signals in place of many kinds of events.
        strategy = companies if index < len(names) - 1 else signal_histories
        company = draw_company(strategy(as_of), seed_number)
        rename(company, company_id)
        drawn.append(company)
    for index in range(STORIES_PER_WORLD):
        seed_number = first_seed + STORIES_PER_WORLD * number + index
        company = draw_company(companies_with_calls(as_of), seed_number)
        rename(company, f"told-{index}")
        drawn.append(company)
    edges = call_edges(as_of)
    edges += [build(as_of) for build in _EDGES]
    everyone = (*drawn, *edges)
    if number == WITHOUT_CALLS:
        everyone = tuple(company for company in everyone if not company.raw["calls"])
    if len({company.company_id for company in everyone}) < len(everyone):
        raise ValueError("two companies of a world have one id")
    references = SHARED_REFERENCES[number % len(SHARED_REFERENCES)]
    return World(as_of, everyone, references, MONTH_RULES[number])


def draw_company(strategy: SearchStrategy[CompanyRows], seed_number: int) -> CompanyRows:
    """One company, the same for the same seed."""
    collected: list[CompanyRows] = []

    @seed(seed_number)
    @settings(
        max_examples=3,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(company: CompanyRows) -> None:
        collected.append(company)

    collect()
    # The first draw is the simplest one there is, and later ones are kin of it or of each other.
    return collected[-1]


def rename(company: CompanyRows, company_id: str) -> None:
    """Give the company and all of its rows another id."""
    company.company_id = company_id
    for tables in (company.raw, company.seeds):
        for rows in tables.values():
            for row in rows:
                row["company_id"] = company_id


def _select(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    result = connection.execute(query)
    columns = [column[0] for column in result.description]
    return [dict(zip(columns, values, strict=True)) for values in result.fetchall()]
