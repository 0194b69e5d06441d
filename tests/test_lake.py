"""``raw`` in the lake follows the warehouse, and the warehouse shows the lake's tables.

With a catalog in SQLite and no Spark: what is written and read is the same.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ingestion.errors import UserError
from ingestion.raw.tables import RAW_TABLES, SCHEMA
from ingestion.withdrawal import apply
from tests.ingestion.place import Place, csv_text
from tests.ingestion.subscription_sheets import row, sheet

pytest.importorskip("pyiceberg", reason="make setup-spark installs what Spark needs")

from pyiceberg.catalog import Catalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import DataScan, Table

from orchestration.lake import pins, sync
from orchestration.lake.relations import Relation
from orchestration.lake.sync import Synced, sync_raw
from orchestration.lake.types import query_of_files

pytestmark = pytest.mark.spark

EVENTS = "acme/apps/web/events"
IMPORTS = "acme/imports"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place")


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    folder = tmp_path / "the lake's [1]"
    return SqlCatalog(
        "lake", uri=f"sqlite:///{tmp_path / 'catalog.db'}", warehouse=f"file://{folder}"
    )


def event(number: int, day: int = 1) -> str:
    return (
        f'{{"event_id": "e{number}", "event": "page", "user_hash": "{number:064}",'
        f' "customer_org_id": "o{number}", "ts": "2024-05-{day:02}T10:00:00.123456Z"}}\n'
    )


def synced(place: Place, catalog: Catalog) -> Synced:
    with duckdb.connect(str(place.settings.warehouse)) as connection:
        return sync_raw(connection, catalog)


def rows_of_lake(catalog: Catalog) -> dict[str, list[tuple]]:
    """Every row of every raw table, as DuckDB has it."""
    with duckdb.connect() as connection:
        found = {}
        for table in RAW_TABLES:
            loaded = catalog.load_table(f"{SCHEMA}.{table.name}")
            query = query_of_files(loaded.schema(), sync.data_files(loaded))
            found[table.name] = connection.execute(f"from ({query}) order by all").fetchall()
        return found


def rows_of_warehouse(place: Place) -> dict[str, list[tuple]]:
    return {table.name: place.rows(table.name) for table in RAW_TABLES}


def files(catalog: Catalog, table: str) -> set[str]:
    return set(sync.data_files(catalog.load_table(f"{SCHEMA}.{table}")))


def load_two(place: Place) -> None:
    place.write(f"{EVENTS}/one.jsonl", event(1) + event(2) + '{"broken": "it\'s \\\\"}\n')
    place.write(f"{IMPORTS}/organizations/o.csv", csv_text(("org_id", "name"), [("o1", "One")]))
    place.write(f"{IMPORTS}/subscriptions/s.csv", sheet(row(1)))
    place.quick_load()
    place.write(f"{EVENTS}/two.jsonl", event(2) + event(3, 2))
    place.quick_load()


def test_the_lake_has_what_the_warehouse_has(place: Place, catalog: Catalog) -> None:
    load_two(place)
    assert synced(place, catalog) == Synced(written=2, gone=0)
    found = rows_of_lake(catalog)
    assert len(found["events"]) == 3
    assert found["rejected_rows"]
    assert found == rows_of_warehouse(place)


def test_only_new_loads_are_written(place: Place, catalog: Catalog) -> None:
    load_two(place)
    synced(place, catalog)
    before = files(catalog, "events")
    assert synced(place, catalog) == Synced(written=0, gone=0)
    place.write(f"{EVENTS}/three.jsonl", event(4, 3))
    place.quick_load()
    assert synced(place, catalog) == Synced(written=1, gone=0)
    assert before < files(catalog, "events")
    assert rows_of_lake(catalog) == rows_of_warehouse(place)


def test_rows_of_a_load_that_was_not_committed_stay_out(place: Place, catalog: Catalog) -> None:
    load_two(place)
    with duckdb.connect(str(place.settings.warehouse)) as connection:
        connection.execute(f"delete from {SCHEMA}._dlt_loads where load_id = '000002'")
    assert synced(place, catalog) == Synced(written=1, gone=0)
    assert {row[-1] for row in rows_of_lake(catalog)["events"]} == {"000001"}


@pytest.mark.parametrize("tables", [1, 3])
def test_a_sync_that_is_killed_between_tables_counts_for_nothing(
    place: Place, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, tables: int
) -> None:
    load_two(place)
    done = []

    def append(table: Table, rows: Any, *_: Any) -> None:
        if len(done) == tables:
            raise KeyboardInterrupt
        done.append(table.name())
        real(table, rows)

    real = Table.append
    with monkeypatch.context() as patch:
        patch.setattr(Table, "append", append)
        with pytest.raises(KeyboardInterrupt):
            synced(place, catalog)
    assert catalog.load_table(f"{SCHEMA}._dlt_loads").scan().to_arrow().num_rows == 0
    assert synced(place, catalog) == Synced(written=2, gone=0)
    assert rows_of_lake(catalog) == rows_of_warehouse(place)


def test_a_withdrawal_reaches_the_loads_that_it_did_again(place: Place, catalog: Catalog) -> None:
    load_two(place)
    synced(place, catalog)
    apply(place.settings, f"{EVENTS}/one.jsonl")
    # The event that both files have is the second one's now: both loads are other ones.
    assert synced(place, catalog) == Synced(written=3, gone=0)
    found = rows_of_lake(catalog)
    assert len(found["events"]) == 2
    assert found == rows_of_warehouse(place)


def test_a_resolved_row_is_resolved_in_the_lake(place: Place, catalog: Catalog) -> None:
    load_two(place)
    synced(place, catalog)
    place.write(f"{EVENTS}/one.jsonl", event(1) + event(2) + event(5))
    place.quick_load()
    assert place.rows("rejected_rows", where="resolved_at is not null")
    assert synced(place, catalog) == Synced(written=2, gone=0)
    assert rows_of_lake(catalog) == rows_of_warehouse(place)


def test_a_lake_follows_a_new_warehouse(place: Place, catalog: Catalog) -> None:
    load_two(place)
    synced(place, catalog)
    place.settings.warehouse.unlink()
    place._loads = 5
    place.write(f"{EVENTS}/three.jsonl", event(4, 3))
    place.quick_load()
    assert synced(place, catalog) == Synced(written=1, gone=2)
    assert rows_of_lake(catalog) == rows_of_warehouse(place)


def test_a_column_of_a_newer_version_is_added(place: Place, catalog: Catalog) -> None:
    load_two(place)
    synced(place, catalog)
    with catalog.load_table(f"{SCHEMA}.events").update_schema() as update:
        update.delete_column("plan")
    place.write(f"{EVENTS}/three.jsonl", event(4, 3))
    place.quick_load()
    synced(place, catalog)
    assert catalog.load_table(f"{SCHEMA}.events").schema().find_field("plan")
    assert len(rows_of_lake(catalog)["events"]) == 4


MOMENT = datetime(2024, 5, 1, 23, 59, 59, 999999, tzinfo=UTC)
ROWS = pa.table(
    {
        "company_id": ["acme", "it's"],
        "moment": pa.array([MOMENT, None], pa.timestamp("us", "UTC")),
        "day": pa.array([date(2024, 5, 1), None]),
        "amount": pa.array([Decimal("1.2345"), None], pa.decimal128(18, 4)),
        "share": [0.1, None],
        "names": pa.array([["a", "b"], None], pa.list_(pa.string())),
    }
)
TYPES = ["VARCHAR", "TIMESTAMP", "DATE", "DECIMAL(18,4)", "DOUBLE", "VARCHAR[]"]


def relation(name: str, *, is_view: bool = False) -> Relation:
    return Relation("marts", name, is_view, True, f"What {name}'s rows are.", {"day": "A day."})


class NoServer:
    def run(self, statement: str) -> None:
        raise AssertionError(f"nothing is copied: {statement}")


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tmp_path / "tracker.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.companies as select 'of DuckDB' as company_id")
        connection.execute("create table marts.by_hand as select 1 as n")
        yield connection


@pytest.fixture
def marts(catalog: Catalog) -> Catalog:
    catalog.create_namespace("marts")
    catalog.create_table("marts.companies", ROWS.schema).append(ROWS)
    catalog.create_table("marts.nothing", ROWS.schema)
    return catalog


def test_the_warehouse_shows_the_tables_of_the_lake(
    warehouse: duckdb.DuckDBPyConnection, marts: Catalog
) -> None:
    pins.pin(warehouse, marts, NoServer(), map(relation, ("companies", "nothing", "left_out")))
    for name in ("companies", "nothing"):
        described = warehouse.execute(f"describe marts.{name}").fetchall()
        assert [kind for _, kind, *_ in described] == TYPES
    first, second = warehouse.execute("from marts.companies order by company_id").fetchall()
    assert first[:3] == ("acme", MOMENT.replace(tzinfo=None), date(2024, 5, 1))
    assert second == ("it's", None, None, None, None, None)
    assert warehouse.execute("from marts.nothing").fetchall() == []
    assert warehouse.execute(
        "select comment from duckdb_views() where view_name = 'companies'"
        " union all select comment from duckdb_columns()"
        " where table_name = 'companies' and column_name = 'day'"
    ).fetchall() == [("What companies's rows are.",), ("A day.",)]
    assert warehouse.execute("from marts.by_hand").fetchall() == [(1,)]


def test_what_is_written_later_is_not_seen(
    warehouse: duckdb.DuckDBPyConnection, marts: Catalog
) -> None:
    pins.pin(warehouse, marts, NoServer(), [relation("companies")])
    marts.load_table("marts.companies").overwrite(ROWS.slice(0, 1))
    count = "select count(*) from marts.companies"
    assert warehouse.execute(count).fetchall() == [(2,)]
    pins.pin(warehouse, marts, NoServer(), [relation("companies")])
    assert warehouse.execute(count).fetchall() == [(1,)]


def test_a_mart_that_is_a_view_is_read_from_a_copy(
    warehouse: duckdb.DuckDBPyConnection, marts: Catalog
) -> None:
    class Copier:
        def run(self, statement: str) -> None:
            assert "select * from marts.shown" in statement
            marts.create_table("pinned.shown", ROWS.schema).append(ROWS)

    pins.pin(warehouse, marts, Copier(), [relation("shown", is_view=True)])
    assert warehouse.execute("select count(*) from marts.shown").fetchall() == [(2,)]


def test_a_table_that_cannot_be_read_whole_leaves_all_as_it_was(
    warehouse: duckdb.DuckDBPyConnection, marts: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = DataScan.plan_files

    def with_deletes(scan: DataScan) -> list[Any]:
        tasks = list(plan(scan))
        for task in tasks:
            task.delete_files.add(task.file)
        return tasks

    monkeypatch.setattr(DataScan, "plan_files", with_deletes)
    with pytest.raises(UserError, match=r"marts\.companies of the lake has delete files"):
        pins.pin(warehouse, marts, NoServer(), map(relation, ("nothing", "companies")))
    assert warehouse.execute("from marts.companies").fetchall() == [("of DuckDB",)]
