"""What a model that was removed from the project leaves in the warehouse."""

import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.state.run_memory import RunMemory
from orchestration.transformation.removed import drop_removed


def manifest(*names: str) -> dict:
    nodes = {name: {"resource_type": "model", "schema": "marts", "alias": name} for name in names}
    return {"nodes": {**nodes, "t": {"resource_type": "test", "schema": "marts", "alias": "t"}}}


@pytest.fixture
def settings(tmp_path) -> Settings:
    settings = Settings(warehouse=tmp_path / "tracker.duckdb")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.events as select 1 as n")
        connection.execute("create table marts.trial as select 1 as n")
        connection.execute("create view marts.shown as from marts.trial")
        connection.execute("create table marts.by_hand as select 1 as n")
    return settings


def tables(settings) -> set[str]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        names = connection.execute("select table_name from information_schema.tables").fetchall()
        return {name for (name,) in names}


def test_a_table_or_view_goes_with_its_model_and_no_other(settings):
    memory = RunMemory(settings)
    assert drop_removed(settings, memory, manifest("events", "trial", "shown")) == []
    assert tables(settings) == {"events", "trial", "shown", "by_hand"}
    assert drop_removed(settings, memory, manifest("events")) == ["marts.shown", "marts.trial"]
    assert tables(settings) == {"events", "by_hand"}
    assert drop_removed(settings, memory, manifest("events", "trial")) == []
