"""Builds that continue one another leave the tables of one build from scratch."""

import random
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.support.dbt_runner import DBT_PROJECT
from tests.support.replay import Build, Plan, Rows, replay, split_rows
from tests.support.worlds import (
    COMPANIES_PER_WORLD,
    PROJECT_SEEDS,
    BuiltWorld,
    draw_world,
    read_seeds,
    rename,
)

# They keep what no event has any more.
_CACHES = {"int_event_names", "int_event_paths", "int_feature_matches", "int_page_paths"}
# What the last complete build started from, loads by loads.
_LAST_BUILD = {"last_build_inputs"}
_TRACKING = [file.stem for file in (DBT_PROJECT / "models/marts/tracking").glob("*.sql")]
_REPLACED = "replaced_in"
_MARKS = {"built_in", "loaded_at", "load_id", "_dlt_load_id"}


# Where a build may be killed: before the events, the days, the windows, the signals are written.
_STOPS = (
    "int_session_events",
    "int_recompute_days__this_run",
    "int_organization_metrics_daily",
    "int_signal_days",
)


@dataclass(frozen=True)
class Continued:
    """World 0 after a build of some rows, and one of the others and of other reference data.

    Rows of the companies with other reference data all came before the first build.
    """

    warehouse: Path
    changed: set[str]
    comes: str


@pytest.fixture(scope="module")
def continued(tmp_path_factory: pytest.TempPathFactory) -> Continued:
    world = draw_world(0)
    drawn = sorted(world.companies[:COMPANIES_PER_WORLD], key=lambda c: len(c.raw["events"]))
    leaves, comes, bands, rules = (deepcopy(company) for company in drawn[-4:])
    [traits] = deepcopy([c for c in world.companies if c.company_id == "nickname"])
    rules.seeds["signal_rules"] += _signal_rules(rules.company_id)
    bands.seeds["health_bands"] = _health_bands(bands.company_id)
    traits.seeds["trait_plan"] = []
    rename(leaves, "leaves")
    changed = [rules, bands, traits]
    named = {company.company_id for company in (*changed, comes)}
    others = tuple(company for company in world.companies if company.company_id not in named)
    before = replace(world, companies=(*others, *changed, leaves))
    first, second = split_rows(replace(world, companies=others).raw_rows(), 2, random.Random(0))
    [at_first] = split_rows(
        replace(world, companies=(*changed, leaves, comes)).raw_rows(), 1, random.Random(0)
    )
    defaults = read_seeds(PROJECT_SEEDS)
    builds = [
        Build(
            world.as_of - timedelta(days=1), _joined([first, at_first]), before.seed_rows(defaults)
        ),
        Build(world.as_of, second, world.seed_rows(defaults)),
    ]
    warehouse = _build(tmp_path_factory.mktemp("continued"), builds)
    return Continued(warehouse, {company.company_id for company in changed}, comes.company_id)


def test_builds_that_continue_end_in_the_tables_of_one(
    continued: Continued, built_worlds: list[BuiltWorld]
) -> None:
    """Batches in any order; signal rules, health bands, traits; one leaves and one comes."""
    assert _different_tables(continued.warehouse, built_worlds[0].warehouse) == []
    assert {built_in for _, built_in in _builds_of_rows(built_worlds[0].warehouse)} == {1}


def test_a_trait_that_became_personal_is_found_in_what_was_loaded_before(
    continued: Continued,
) -> None:
    query = "select property, issue from marts.tracking_plan_issues where company_id = 'nickname'"
    with duckdb.connect(str(continued.warehouse), read_only=True) as connection:
        assert ("nickname", "pii_in_property") in connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("table", "moment"), [("int_session_events", "occurred_at"), ("int_sessions", "started_at")]
)
def test_other_reference_data_concerns_its_company_and_its_domain_alone(
    continued: Continued, table: str, moment: str
) -> None:
    # A session that may go on after the as-of date is written again by the next build.
    is_over = f"{moment} < timestamp '{draw_world(0).as_of - timedelta(days=1)}'"
    builds: dict[str, set[int]] = {}
    for company, built_in in _builds_of_rows(continued.warehouse, table, is_over):
        builds.setdefault(company, set()).add(built_in)
    assert [company for company in continued.changed if builds[company] != {1}] == []
    assert builds[continued.comes] == {2}
    assert {1, 2} in builds.values(), "batches"


def _signal_rules(company_id: str) -> list[dict[str, str]]:
    return [
        {"company_id": company_id, "signal_type": kind, "parameter": name, "value": value}
        for kind, name, value in (
            ("revenue_at_risk", "max_health_score", "75"),
            ("usage_drop", "max_ratio", "0.95"),
        )
    ]


def _health_bands(company_id: str) -> list[dict[str, str]]:
    return [
        {"company_id": company_id, "health_band": band, "min_score": score}
        for band, score in (
            ("healthy", "50"),
            ("watch", "20"),
            ("at_risk", "0"),
            ("no_recent_activity", ""),
        )
    ]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 9))
def test_many_batches_end_in_the_tables_of_one_build(tmp_path: Path, number: int) -> None:
    _check_replay(tmp_path, number, batches=3 + number % 5)


@pytest.mark.slow
@pytest.mark.parametrize("stop", _STOPS)
def test_a_build_after_a_killed_one_is_the_first_try_again(tmp_path: Path, stop: str) -> None:
    _check_replay(tmp_path, 2 + _STOPS.index(stop), batches=3, stop=stop)


def _check_replay(folder: Path, number: int, batches: int, stop: str | None = None) -> None:
    random_source = random.Random(number)
    world = draw_world(number % 3)
    seeds = world.seed_rows(read_seeds(PROJECT_SEEDS))
    loads = split_rows(world.raw_rows(), batches, random_source)
    days = [world.as_of - timedelta(days=random_source.choice([0, 0, 1, 2, 40])) for _ in loads[1:]]
    builds = [Build(day, load) for day, load in zip(sorted(days), loads[:-1], strict=True)]
    if stop is None:
        builds.append(Build(world.as_of, loads[-1]))
    else:
        # The killed build was for another day, which has to leave no trace.
        killed_for = world.as_of + timedelta(days=random_source.choice([0, 3]))
        builds.append(Build(killed_for, loads[-1], stops_before=stop))
        builds.append(Build(world.as_of))
    builds[0] = replace(builds[0], seeds=seeds)
    step_by_step = _build(folder / "steps", builds)
    at_once = _build(folder / "once", [Build(world.as_of, _joined(loads), seeds)])
    assert len({built_in for _, built_in in _builds_of_rows(step_by_step)}) > 1
    assert {built_in for _, built_in in _builds_of_rows(at_once)} == {1}
    assert _different_tables(step_by_step, at_once) == []


def _build(folder: Path, builds: list[Build]) -> Path:
    seeds, warehouse = folder / "seeds", folder / "warehouse.duckdb"
    replay(Plan(warehouse, seeds, folder / "work", tuple(builds)))
    return warehouse


def _joined(loads: list[Rows]) -> Rows:
    joined: Rows = {}
    for load in loads:
        for table, rows in load.items():
            joined.setdefault(table, []).extend(rows)
    return joined


def _builds_of_rows(
    warehouse: Path, table: str = "int_session_events", condition: str = "true"
) -> set[tuple[str, int]]:
    """Companies, and the numbers of the builds that wrote their rows."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        query = f"select distinct company_id, built_in from intermediate.{table} where {condition}"
        return set(connection.execute(query).fetchall())


def _different_tables(left: Path, right: Path) -> list[str]:
    """One line per table whose rows are not the same in both warehouses."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left}' as steps (read_only)")
        connection.execute(f"attach '{right}' as once (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'once'"
            " and schema_name in ('intermediate', 'marts') order by all"
        ).fetchall()
        assert len(tables) > 80
        assert {("marts", mart) for mart in _TRACKING} <= set(tables)
        for schema, table in tables:
            if table.endswith("__this_run") or table in _LAST_BUILD | _CACHES:
                continue
            columns = connection.execute(
                "select column_name from duckdb_columns() where database_name = 'once'"
                " and schema_name = $1 and table_name = $2 order by column_index",
                [schema, table],
            ).fetchall()
            names = ", ".join(f'"{name}"' for (name,) in columns if name not in _MARKS)
            # A work table may keep the rows that a later build has replaced.
            kept = f"where {_REPLACED} is null" if (_REPLACED,) in columns else ""
            for one, other in (("steps", "once"), ("once", "steps")):
                only_here = connection.execute(
                    f"select {names} from {one}.{schema}.{table} {kept}"
                    f" except all select {names} from {other}.{schema}.{table} {kept} limit 3"
                ).fetchall()
                if only_here:
                    found.append(f"{schema}.{table} only in {one}: {only_here}")
    return found
