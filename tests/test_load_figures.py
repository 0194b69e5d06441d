"""The numbers that a load leaves beside its materializations."""

import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.cli.load_report import load_facts
from orchestration.landing.figures import import_warnings, load_figures
from orchestration.platform.warehouse import last_load


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Two loads, of which the second was not committed when ``_dlt_loads`` was written."""
    settings = Settings(warehouse=tmp_path / "tracker.duckdb", _env_file=None)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            """
            create schema raw;
            create table raw._dlt_loads as select '1' as load_id;
            create table raw.loaded_files as
            select * from (values
                ('globex', 'events', 10, 100, 90, 4, 6, '1'),
                ('acme', 'organizations', 5, 8, 7, 1, 0, '1'),
                ('acme', 'events', 20, 50, 50, 0, 0, '2')
            ) as files (company_id, kind, bytes, rows_read, rows_accepted, rows_rejected,
                rows_duplicate, _dlt_load_id);
            create table raw.rejected_files as select 'x' as path, '2' as _dlt_load_id;
            create table raw.import_warnings as
            select * from (values
                ('a.csv', 'stored_rows_absent', 1, '3 stored rows', '1'),
                ('b.csv', 'never_counts', 5, 'paused', '2'),
                ('b.csv', 'never_counts', 4, 'canceled', '2')
            ) as warnings (path, warning, line_number, detail, _dlt_load_id);
            create table raw.events as
            select * from (values
                (86400, timestamp '1970-01-03 00:00:00', '1'),   -- 24 hours: not late
                (86399, timestamp '1970-01-03 00:00:00', '1'),   -- a second more: late
                (null, timestamp '1970-01-03 00:00:00', '1'),
                (0, timestamp '1970-01-03 00:00:00', '2')
            ) as events (ts_epoch, received_at, _dlt_load_id)
            """
        )
    return settings


def test_figures_of_all_loads_and_of_the_last_one(settings):
    figures = load_figures(settings, since="")
    assert figures["loaded_files"]["companies"] == ["acme", "globex"]
    assert figures["loaded_files"]["files"] == 3
    assert figures["events"] == {
        "rows read": 150,
        "rows accepted": 140,
        "rows rejected": 4,
        "rows duplicate": 6,
        "events late": 2,
    }
    last = load_figures(settings, since="1")
    assert last["loaded_files"]["companies"] == ["acme"]
    assert (last["events"]["rows read"], last["events"]["events late"]) == (50, 1)


def test_warnings_of_imports_are_a_line_per_file_and_kind(settings):
    assert import_warnings(settings, since="") == [
        "a.csv: stored_rows_absent: 3 stored rows",
        "b.csv: never_counts: canceled (and 1 more)",
    ]
    assert import_warnings(settings, since="2") == []


def test_a_run_that_loads_nothing_has_zeros(settings):
    figures = load_figures(settings, since="9")
    assert figures["events"]["rows read"] == 0
    assert figures["loaded_files"]["companies"] == []


def test_rows_of_a_load_that_broke_are_not_told_as_loaded(settings):
    assert last_load(settings) == "1"
    assert load_facts(settings, "")["rows_read"] == 108
    assert not any(load_facts(settings, "1").values())
