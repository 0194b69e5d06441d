"""Where no application sends calls, or none any more, the marts of calls are there without rows."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.serving.publish import publish
from tests.oracle.inputs import read_seeds
from tests.support.company_rows import World
from tests.support.dbt_runner import DBT_PROJECT
from tests.support.replay import PROJECT_SEEDS, Build, Plan, Rows, replay
from tests.support.tracking_edges import trials
from tests.support.tracking_entities import roles

pytestmark = pytest.mark.slow

AS_OF = date(2025, 3, 1)
WAREHOUSE = "warehouse.duckdb"
COMPANIES = ("tracked-roles", "tracked-trials")
TRACKING = {
    layer: sorted(file.stem for file in (DBT_PROJECT / f"models/{layer}/tracking").glob("*.sql"))
    for layer in ("intermediate", "marts")
}
OF_CALLS = (
    *("billing_discrepancies", "group_hierarchy", "group_metrics_daily", "groups"),
    *("invitations", "trait_history", "trials", "user_accounts", "users"),
)
OF_ALL = tuple(mart for mart in TRACKING["marts"] if mart not in OF_CALLS)
# What an older version of the warehouse, which knows nothing of the standard, has not.
OLDER_VERSION = tuple(
    f"drop table if exists {layer}.{table}"
    for layer, tables in TRACKING.items()
    for table in tables
)
STOPPED = tuple(f"delete from raw.{table}" for table in ("calls", "call_receipts"))


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory) -> dict[str, Path]:
    """Companies that never sent calls, that stopped, that still do; the latter after upgrades."""
    world = World(AS_OF, (roles(AS_OF), trials(AS_OF)), {})
    seeds, rows = world.seed_rows(read_seeds(PROJECT_SEEDS)), world.raw_rows()
    calls = {table: found for table, found in rows.items() if table.startswith("call")}
    others = {table: found for table, found in rows.items() if table not in calls}
    folder = tmp_path_factory.mktemp("without_calls")

    def history(name: str, *builds: Build, after: str | None = None) -> None:
        """Builds from nothing, or after those of another history."""
        place = folder / name
        if after:
            shutil.copytree(folder / after, place, symlinks=True)
        replay(Plan(place / WAREHOUSE, place / "seeds", place / "work", builds))

    history("never", Build(AS_OF, others, seeds))
    history("older without calls", Build(AS_OF, statements=OLDER_VERSION), after="never")
    history(
        "stopped",
        Build(AS_OF, _of_a_later_load(calls)),
        Build(AS_OF, statements=STOPPED),
        Build(AS_OF, statements=tuple(f"drop table marts.{mart}" for mart in OF_CALLS)),
        after="never",
    )
    history("sends", Build(AS_OF, rows, seeds))
    history("older", Build(AS_OF, statements=OLDER_VERSION), after="sends")
    return {place.name: place / WAREHOUSE for place in folder.iterdir()}


def _of_a_later_load(rows: Rows) -> Rows:
    return {
        table: [{**row, "_dlt_load_id": "1700000009.5"} for row in found]
        for table, found in rows.items()
    }


@pytest.mark.parametrize("history", ["stopped", "older without calls"])
def test_a_warehouse_is_as_if_there_never_were_calls(warehouses, history) -> None:
    assert _marts(warehouses[history]) == _marts(warehouses["never"])


def test_a_warehouse_of_an_older_version_gets_all_marts(warehouses) -> None:
    assert _marts(warehouses["older"]) == _marts(warehouses["sends"])


def test_marts_of_calls_have_no_rows_and_all_columns(warehouses) -> None:
    without, with_calls = _marts(warehouses["never"]), _marts(warehouses["sends"])
    assert without.keys() == with_calls.keys() > set(TRACKING["marts"])
    for mart in TRACKING["marts"]:
        assert without[mart][0] == with_calls[mart][0], mart
        assert bool(without[mart][1]) == (mart in OF_ALL), mart
        assert with_calls[mart][1] or mart in ("invitations", "billing_discrepancies"), mart


@pytest.mark.parametrize("company", COMPANIES)
def test_bi_misses_no_table_of_a_company_without_calls(warehouses, tmp_path, company) -> None:
    serving = tmp_path / "serving"
    publish(warehouses["stopped"], serving)
    published = _marts(serving / f"{company}.duckdb")
    with_calls = _marts(warehouses["sends"])
    for mart in TRACKING["marts"]:
        assert published[mart][0] == with_calls[mart][0], mart
        assert (serving / "parquet" / company / f"{mart}.parquet").exists()


def _marts(warehouse: Path) -> dict[str, tuple[list, list]]:
    """Columns with types and comments, and the rows, of every mart."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
        return {
            name: (
                connection.execute(
                    "select column_name, data_type, comment from duckdb_columns()"
                    " where schema_name = 'marts' and table_name = $1 order by column_index",
                    [name],
                ).fetchall(),
                connection.execute(f"select * from marts.{name} order by all").fetchall(),
            )
            for (name,) in names
        }
