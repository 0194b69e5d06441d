"""Publishing again: what is written, what is left, and that it equals a publish from nothing."""

import json
import random
from pathlib import Path

import duckdb
import pandas
import pyarrow.parquet
import pytest

from orchestration.serving import blocks, copies, fingerprints, parquet
from orchestration.serving.manifest import Block
from orchestration.serving.publish import publish
from tests.support.published import published_files

COMPANIES = ("acme", "globex", "initech")
STEPS = 9


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """So that the few rows of a test are compared by day, and written in blocks of some days."""
    monkeypatch.setattr(fingerprints, "CHUNKED_ROWS", 50)
    monkeypatch.setattr(blocks, "BLOCK_ROWS", 40)


@pytest.fixture
def continued(monkeypatch) -> list[str]:
    """The DuckDB copies that were continued, by file name."""
    names: list[str] = []
    begin = copies.copy_to_building

    def noted(target: Path) -> None:
        names.append(target.name)
        begin(target)

    monkeypatch.setattr(copies, "copy_to_building", noted)
    return names


@pytest.fixture
def kept(monkeypatch) -> list[int]:
    """How many blocks were kept of each Parquet file that was continued."""
    numbers: list[int] = []
    find = blocks.kept_blocks

    def noted(*args) -> list[Block]:
        found = find(*args)
        numbers.append(len(found))
        return found

    monkeypatch.setattr(parquet, "kept_blocks", noted)
    return numbers


def build_warehouse(path: Path) -> Path:
    """Two companies, a mart of many days, small ones, a view, one without companies."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_events as select ['acme', 'globex'][1 + i % 2] as"
            " company_id, i as event_id, timestamp '2026-01-01' + interval (i) hour as occurred_at,"
            " i / 7 as amount, 'text ' || i as note from range(600) as t(i)"
        )
        connection.execute("create view marts.events as from w.intermediate.int_events")
        connection.execute(
            "create table marts.companies as from (values ('acme', 1), ('globex', 1))"
            " as t(company_id, version)"
        )
        connection.execute(
            "create table marts.daily as select company_id, occurred_at::date as date_day,"
            " count(*) as events from intermediate.int_events group by all"
        )
        connection.execute("create table marts.dates as select date '2026-01-01' as date_day")
        connection.execute("comment on table marts.daily is 'One row per day'")
    return path


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return build_warehouse(tmp_path / "w.duckdb")


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    return tmp_path / "serving"


def change(warehouse: Path, *statements: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def content(path: Path) -> dict[str, object]:
    """Everything a reader can see of a copy: tables, columns, types, comments, rows."""
    if path.suffix == ".parquet":
        relation = duckdb.read_parquet(str(path))
        return {
            "columns": relation.columns,
            "types": relation.types,
            "words": pyarrow.parquet.read_metadata(path).metadata,
            "rows": in_order(relation),
        }
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() order by all"
        ).fetchall()
        return {
            "tables": tables,
            "views": connection.execute(
                "select view_name from duckdb_views() where not internal"
            ).fetchall(),
            "columns": connection.execute(
                "select table_name, column_index, column_name, data_type, is_nullable, comment"
                " from duckdb_columns() order by all"
            ).fetchall(),
            "rows": {name: in_order(connection.table(f"marts.{name}")) for _, name, _ in tables},
        }


def in_order(relation) -> list:
    return sorted(map(repr, relation.fetchall()))


def contents(serving: Path) -> dict[str, dict[str, object]]:
    return {name: content(path) for name, path in published_files(serving).items()}


def times(serving: Path) -> dict[str, int]:
    return {name: path.stat().st_mtime_ns for name, path in published_files(serving).items()}


def rewritten(before: dict[str, int], serving: Path) -> set[str]:
    return {name for name, time in times(serving).items() if before.get(name) != time}


def random_change(rng: random.Random, step: int) -> list[str]:
    """One of everything that can happen to marts between two builds."""
    company = rng.choice(COMPANIES)
    day = f"date '2026-01-01' + {rng.randrange(25)}"
    events = "intermediate.int_events"
    return rng.choice(
        [
            [f"delete from {events} where occurred_at::date = {day} and company_id = '{company}'"],
            [f"delete from {events} where event_id % {rng.randrange(2, 40)} = 0"],
            [f"update {events} set amount = amount + 1 where occurred_at::date = {day}"],
            [f"update {events} set note = null where event_id % 31 = {rng.randrange(31)}"],
            [
                f"insert into {events} by name select '{company}' as company_id, {1000 * step} + i"
                f" as event_id, ({day})::timestamp + interval (i) minute as occurred_at from"
                " range(40) as t(i)"
            ],
            [f"insert into {events} by name select 'nobody' as company_id, {step} as event_id"],
            [f"insert into {events} by name select null as company_id, {day} as occurred_at"],
            [f"insert into {events} by name select '{company}' as company_id, {step} as event_id"],
            [f"update {events} set occurred_at = null where event_id % 50 = {rng.randrange(50)}"],
            [
                f"update {events} set occurred_at = '10000-01-0{rng.randrange(1, 4)}'"
                f" where event_id % 70 = {rng.randrange(70)}"
            ],
            [f"insert into {events} from {events} where occurred_at::date = {day}"],
            [f"update marts.companies set version = {step} where company_id = '{company}'"],
            [f"comment on table marts.daily is 'Words of step {step}'"],
            [
                "comment on table marts.daily is null",
                "comment on column marts.dates.date_day is 'D'",
            ],
            [f"comment on column marts.daily.events is 'Number, step {step}'"],
            [f"alter table marts.daily add column c{step} integer default {step}"],
            ["alter table marts.daily alter column events type decimal(18, 2)"],
            [
                "create or replace table marts.daily as select date_day, company_id,"
                " 1 as events from marts.daily"
            ],
            [
                "drop table if exists marts.extra",
                f"create table marts.extra as select '{company}' as company_id, {step} as step",
            ],
            ["drop table if exists marts.extra"],
            ["delete from marts.dates"],
            [f"insert into marts.dates by name select {day} as date_day"],
            [f"delete from marts.companies where company_id = '{company}'"],
            [f"insert into marts.companies by name select '{company}' as company_id"],
            ["select 1"],
        ]
    )


@pytest.mark.parametrize("seed", range(3))
def test_after_any_changes_the_copies_equal_those_made_from_nothing(
    tmp_path, warehouse, serving, continued, kept, seed
):
    rng = random.Random(seed)
    publish(warehouse, serving)
    for step in range(1, STEPS):
        for _ in range(rng.choice([1, 1, 2, 4])):
            change(warehouse, *random_change(rng, step))
        before = times(serving)
        summary = publish(warehouse, serving)
        assert summary.unchanged_files == summary.files - len(rewritten(before, serving))
        publish(warehouse, tmp_path / f"nothing{step}")
        assert contents(serving) == contents(tmp_path / f"nothing{step}")
    assert continued, "no copy was continued: nothing was tested"
    assert any(kept), "no Parquet file was continued: nothing was tested"


def test_nothing_is_written_where_nothing_changed(warehouse, serving, continued):
    publish(warehouse, serving)
    before = times(serving)
    summary = publish(warehouse, serving)
    assert rewritten(before, serving) == set()
    assert summary.unchanged_files == summary.files == len(before)
    assert not continued


def test_a_row_of_one_company_touches_its_copies_alone(warehouse, serving, continued):
    publish(warehouse, serving)
    before = times(serving)
    change(warehouse, "delete from intermediate.int_events where event_id = 10")  # acme's
    publish(warehouse, serving)
    changed = {"all.duckdb", "acme.duckdb", "parquet/acme/events.parquet"}
    assert rewritten(before, serving) == changed
    assert set(continued) == {"all.duckdb", "acme.duckdb"}


@pytest.mark.parametrize("mart", ["daily", "events"])
def test_words_reach_every_copy_and_its_parquet_files(warehouse, serving, mart):
    """Of a small mart, and of one that is written in blocks of days."""
    publish(warehouse, serving)
    before = times(serving)
    kind = "view" if mart == "events" else "table"
    change(
        warehouse,
        f"comment on {kind} marts.{mart} is 'What happened; it''s all'",
        f"comment on column marts.{mart}.company_id is 'Who {{it}} was'",
    )
    publish(warehouse, serving)
    files = {f"parquet/{company}/{mart}.parquet" for company in ("acme", "globex")}
    assert rewritten(before, serving) == {"all.duckdb", "acme.duckdb", "globex.duckdb"} | files
    words = pyarrow.parquet.read_metadata(serving / f"parquet/acme/{mart}.parquet").metadata
    assert words[b"description"].decode() == "What happened; it's all"
    assert json.loads(words[b"columns"])["company_id"] == "Who {it} was"


def test_a_company_that_left_leaves_no_bytes_behind(warehouse, serving):
    publish(warehouse, serving)
    change(
        warehouse,
        "delete from intermediate.int_events where company_id = 'globex'",
        "delete from marts.daily where company_id = 'globex'",
        "delete from marts.companies where company_id = 'globex'",
    )
    publish(warehouse, serving)
    assert b"globex" not in (serving / "all.duckdb").read_bytes()


@pytest.mark.parametrize("damage", ["gone", "other", "list", "fingerprints", "version"])
def test_what_does_not_fit_the_notes_is_written_from_nothing(
    warehouse, serving, continued, damage, monkeypatch
):
    publish(warehouse, serving)
    expected = contents(serving)
    match damage:
        case "gone":
            (serving / "all.duckdb").unlink()
        case "other":
            (serving / "all.duckdb").chmod(0o644)
            change(serving / "all.duckdb", "delete from marts.daily")
        case "list":
            names = sorted(times(serving))
            (serving / ".published.json").write_text(str(names).replace("'", '"'))
        case "fingerprints":
            (serving / ".published.fingerprints.parquet").unlink()
        case "version":
            monkeypatch.setattr("orchestration.serving.manifest._VERSION", 99)
    before = times(serving)
    publish(warehouse, serving)
    assert contents(serving) == expected
    damaged = {"all.duckdb"} if damage in ("gone", "other") else set(expected)
    assert rewritten(before, serving) == damaged
    assert not continued


def test_a_file_that_has_grown_is_written_from_nothing(warehouse, serving, continued):
    """Each continued publish leaves the rows that it replaced in the file."""
    publish(warehouse, serving)
    for step in range(6):
        change(
            warehouse,
            "create or replace table intermediate.int_events as select * replace"
            f" (repeat(md5(event_id || '{step}'), 40) as note) from intermediate.int_events",
        )
        publish(warehouse, serving)
    publish(warehouse, serving.parent / "nothing")
    needed = (serving.parent / "nothing" / "all.duckdb").stat().st_size
    assert (serving / "all.duckdb").stat().st_size <= 2 * needed
    assert continued


def test_a_day_that_is_added_leaves_the_days_before_where_they_are(warehouse, serving):
    file = serving / "parquet/acme/events.parquet"
    publish(warehouse, serving)
    before, first = file.read_bytes(), footer(file)
    change(
        warehouse,
        "insert into intermediate.int_events by name select 'acme' as company_id, 9000 + i as"
        " event_id, timestamp '2026-03-01' as occurred_at from range(90) as t(i)",
    )
    publish(warehouse, serving)
    second = footer(file)
    assert second.num_rows == first.num_rows + 90
    assert first.num_row_groups > 3
    ends = first.num_row_groups - 1
    assert places(second)[:ends] == places(first)[:ends]
    begin = places(first)[ends][0]
    assert file.read_bytes()[:begin] == before[:begin]


def test_a_late_row_writes_its_days_again_behind_the_others(warehouse, serving, kept):
    file = serving / "parquet/acme/events.parquet"
    publish(warehouse, serving)
    first = footer(file)
    change(warehouse, "update intermediate.int_events set amount = -1 where event_id = 100")
    publish(warehouse, serving)
    second = footer(file)
    assert second.num_row_groups == first.num_row_groups
    assert len(set(places(first)) - set(places(second))) == 1
    assert kept == [first.num_row_groups - 1]


def test_every_reader_of_parquet_takes_the_blocks_that_count(warehouse, serving):
    publish(warehouse, serving)
    for step in range(4):
        change(
            warehouse,
            f"update intermediate.int_events set note = 'step {step}' where event_id % 97 = {step}",
        )
        publish(warehouse, serving)
    file = serving / "parquet/acme/events.parquet"
    with duckdb.connect(str(serving / "acme.duckdb"), read_only=True) as connection:
        expected = connection.table("marts.events").order("event_id").df()
    by_pandas = pandas.read_parquet(file).sort_values("event_id", ignore_index=True)
    pandas.testing.assert_frame_equal(by_pandas, expected, check_dtype=False)
    by_duckdb = duckdb.read_parquet(str(file)).order("event_id").df()
    pandas.testing.assert_frame_equal(by_duckdb, expected)


def test_large_files_have_the_types_of_small_ones(tmp_path, serving, monkeypatch):
    """DuckDB writes the small ones, pyarrow the large."""
    warehouse = tmp_path / "types.duckdb"
    change(
        warehouse,
        "create schema marts",
        "create table marts.companies as select 'acme' as company_id",
        "create table marts.kinds as select 'acme' as company_id, i::bigint as a, i::integer as b,"
        " (i % 2 = 0) as c, i::double as d, i::decimal(18, 2) as e, i::decimal(38, 0) as f,"
        " date '2026-01-01' + i::integer as g, timestamp '2026-01-01' + interval (i) second as h,"
        " timestamptz '2026-01-01 00:00:00+00' as j, ['a', null, i::varchar] as k,"
        " i::varchar::blob as l, time '10:00:00' as m, i::utinyint as n, i::float as o"
        " from (select range::integer as i from range(100))",
        "create table marts.rare_kinds as select *, to_json(k) as p, e::hugeint as q,"
        " interval 1 day as r, md5(l)::uuid as s, {'x': b} as t from marts.kinds",
    )
    publish(warehouse, serving)
    monkeypatch.setattr(fingerprints, "CHUNKED_ROWS", 1000)
    publish(warehouse, tmp_path / "small")
    for name, row_groups in (("kinds", 3), ("rare_kinds", 1)):
        file = f"parquet/acme/{name}.parquet"
        assert content(serving / file) == content(tmp_path / "small" / file)
        assert footer(serving / file).num_row_groups == row_groups


def footer(file: Path) -> pyarrow.parquet.FileMetaData:
    return pyarrow.parquet.read_metadata(file)


def places(footer: pyarrow.parquet.FileMetaData) -> list[tuple[int, int]]:
    """Where each row group begins, and its size."""
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    return [(group.column(0).dictionary_page_offset, group.total_byte_size) for group in groups]


class Stopped(BaseException):
    """In place of a kill: nothing handles it."""


@pytest.mark.parametrize("step", [1, 3, 4, 5, 6])
def test_a_publish_that_was_stopped_is_completed_by_the_next(tmp_path, warehouse, serving, step):
    def stop(done: int, total: int, what: str) -> None:
        assert total == 6
        if done == step:
            raise Stopped

    publish(warehouse, serving)
    change(warehouse, "delete from intermediate.int_events where event_id = 10")
    with pytest.raises(Stopped):
        publish(warehouse, serving, progress=stop)
    change(warehouse, "delete from intermediate.int_events where event_id = 11")
    publish(warehouse, serving)
    publish(warehouse, tmp_path / "nothing")
    assert contents(serving) == contents(tmp_path / "nothing")
