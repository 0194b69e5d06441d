"""Copies of companies: nobody reads another's bytes, who is held back or leaves, what is common."""

import grp
import os
import random
import stat
from pathlib import Path

import duckdb
import pytest

from orchestration.serving import copies, fingerprints
from orchestration.serving.marts import COMMON_MARTS, PublishError
from orchestration.serving.publish import publish
from tests.support.published import published_files

MARKS = {"acme": "qanvil", "globex": "zreactor", "initech": "wstapler"}


def build_warehouse(path: Path, versions: dict[str, int]) -> Path:
    """Marts of companies, each at a version of its own; texts of any length bear its mark."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.companies (company_id varchar, version integer)")
        connection.execute(
            "create table marts.events (company_id varchar, event_id varchar, note varchar,"
            " occurred_at timestamp, amount hugeint)"
        )
        for company, version in versions.items():
            connection.execute("insert into marts.companies values (?, ?)", [company, version])
            connection.execute(
                """
                insert into marts.events
                select $1, $2 || '-' || $3 || '-' || i,
                    case when hash(i, $3) % 3 > 0
                        then repeat($2, (1 + hash(i, $3) % 9)::integer) end,
                    timestamp '2026-01-01' + interval (i % 90) day, 7::hugeint << 70
                from range(900) as t(i) order by hash(i, $3)
                """,
                [company, MARKS[company], version],
            )
        connection.execute("create table marts.dates as select date '2026-01-01' as date_day")
    return path


def versions(copy: Path) -> dict[str, int]:
    with duckdb.connect(str(copy), read_only=True) as connection:
        events = connection.execute(
            "select company_id, any_value(split_part(event_id, '-', 2))::integer, count(*)"
            " from marts.events group by all"
        ).fetchall()
        assert {count for _, _, count in events} <= {900}
        found = dict(connection.execute("from marts.companies").fetchall())
    assert found == {company: version for company, version, _ in events}
    return found


def tables(copy: Path) -> set[str]:
    with duckdb.connect(str(copy), read_only=True) as connection:
        return {
            name
            for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
        }


def files_of(serving: Path, company: str) -> list[Path]:
    return [serving / f"{company}.duckdb", *(serving / "parquet" / company).iterdir()]


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    return tmp_path / "serving"


def test_no_file_of_a_company_holds_a_byte_of_another_after_many_publishes(
    tmp_path, serving, monkeypatch
):
    monkeypatch.setattr(fingerprints, "CHUNKED_ROWS", 1000)  # copies are continued, day by day
    chosen, now = random.Random(3), dict.fromkeys(MARKS, 1)
    for step in range(8):
        for company in chosen.sample(sorted(now), 2):
            now[company] = step
        publish(build_warehouse(tmp_path / "w.duckdb", now), serving)
        for company in MARKS:
            assert versions(serving / f"{company}.duckdb") == {company: now[company]}
            for file in files_of(serving, company):
                content = file.read_bytes()
                for other, mark in MARKS.items():
                    is_foreign = other != company
                    assert not (is_foreign and mark.encode() in content), (step, file.name, other)
                    assert not (is_foreign and other.encode() in content), (step, file.name, other)


def test_the_process_of_a_company_is_given_nothing_of_another(tmp_path, serving, monkeypatch):
    """What is not in its memory cannot be left in the file."""
    given = []
    execute = copies.execute_isolated
    monkeypatch.setattr(
        copies,
        "execute_isolated",
        lambda statements: (given.append(statements), execute(statements)),
    )
    for version in (1, 2):
        publish(build_warehouse(tmp_path / "w.duckdb", dict.fromkeys(MARKS, version)), serving)
    assert len(given) == 2 * len(MARKS)
    for statements in given:
        named = {company for company in MARKS if company in "".join(statements)}
        assert len(named) == 1
        assert not any("w.duckdb" in statement for statement in statements)


def test_the_process_of_a_company_can_spill(tmp_path, serving, monkeypatch):
    """What a large copy does by itself is asked of a small one: a sort past the memory."""
    execute = copies.execute_isolated

    def with_large_sort(statements):
        settings = [statement for statement in statements if statement.startswith("set ")]
        rest = [statement for statement in statements if statement not in settings]
        sort = [
            "set memory_limit = '80MB'",
            "create temp table sorted as"
            " select md5(i::varchar) as text from range(2_000_000) as t(i) order by text",
            "drop table sorted",
        ]
        execute([*settings, *sort, *rest])

    monkeypatch.setattr(copies, "execute_isolated", with_large_sort)
    publish(build_warehouse(tmp_path / "w.duckdb", {"acme": 1}), serving)
    assert versions(serving / "acme.duckdb") == {"acme": 1}
    assert not [path for path in serving.rglob("*") if "spill" in path.name]


def test_a_companys_copy_has_full_row_groups(tmp_path, serving):
    """Half full ones are written again by the checkpoint, and the file keeps the room of both."""
    warehouse = build_warehouse(tmp_path / "w.duckdb", {"acme": 1})
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create table marts.sessions as select 'acme' as company_id, i as session_id,"
            " timestamp '2026-01-01' + interval (i // 20_000) day as started_at"
            " from range(900_000) as t(i)"
        )
    publish(warehouse, serving)
    with duckdb.connect(str(serving / "acme.duckdb"), read_only=True) as connection:
        query = (
            "select sum(count) from pragma_storage_info('marts.sessions')"
            " where column_name = 'session_id' and segment_type = 'BIGINT'"
            " group by row_group_id order by row_group_id"
        )
        *all_but_last, _ = [rows for (rows,) in connection.execute(query).fetchall()]
    assert set(all_but_last) == {122_880}


def test_numbers_of_sixteen_bytes_reach_a_companys_copies_exactly(tmp_path, serving):
    publish(build_warehouse(tmp_path / "w.duckdb", {"acme": 1}), serving)
    with duckdb.connect(str(serving / "acme.duckdb"), read_only=True) as connection:
        query = "select distinct amount, typeof(amount) from marts.events"
        assert connection.execute(query).fetchall() == [(7 << 70, "HUGEINT")]


def test_a_company_that_is_held_back_keeps_its_copies_and_its_rows_among_all(tmp_path, serving):
    publish(build_warehouse(tmp_path / "w.duckdb", {"acme": 1, "globex": 1}), serving)
    before = {file: file.read_bytes() for file in files_of(serving, "globex")}
    later = build_warehouse(tmp_path / "w.duckdb", {"acme": 2, "globex": 2})

    summary = publish(later, serving, held_back=["globex"])

    assert (summary.companies, summary.held_back) == (1, ["globex"])
    assert {file: file.read_bytes() for file in files_of(serving, "globex")} == before
    assert versions(serving / "acme.duckdb") == {"acme": 2}
    assert versions(serving / "all.duckdb") == {"acme": 2, "globex": 1}
    # Again, with nothing new; then it passes.
    publish(later, serving, held_back=["globex"])
    assert publish(later, serving, held_back=["globex"]).unchanged_files == summary.files
    assert versions(serving / "all.duckdb") == {"acme": 2, "globex": 1}
    publish(later, serving)
    assert versions(serving / "all.duckdb") == {"acme": 2, "globex": 2}
    assert versions(serving / "globex.duckdb") == {"globex": 2}


def test_its_last_rows_stay_among_all_where_that_is_written_from_nothing(tmp_path, serving):
    publish(build_warehouse(tmp_path / "w.duckdb", {"acme": 1, "globex": 1}), serving)
    later = build_warehouse(tmp_path / "w.duckdb", {"acme": 2, "globex": 2})
    with duckdb.connect(str(later)) as connection:
        connection.execute("alter table marts.events add column plan varchar default 'trial'")
        connection.execute("create table marts.plans as select 'acme' as company_id, 1 as events")
    (serving / "all.duckdb").unlink()

    publish(later, serving, held_back=["globex"])

    assert versions(serving / "all.duckdb") == {"acme": 2, "globex": 1}
    with duckdb.connect(str(serving / "all.duckdb"), read_only=True) as connection:
        plans = "select distinct company_id, plan from marts.events order by 1"
        assert connection.execute(plans).fetchall() == [("acme", "trial"), ("globex", None)]


def test_a_company_that_never_passed_has_no_rows_until_it_does(tmp_path, serving):
    warehouse = build_warehouse(tmp_path / "w.duckdb", {"acme": 1, "globex": 1})
    publish(warehouse, serving, held_back=["globex"])
    assert versions(serving / "all.duckdb") == {"acme": 1}
    assert not (serving / "globex.duckdb").exists()
    publish(warehouse, serving)
    assert versions(serving / "all.duckdb") == {"acme": 1, "globex": 1}


def test_a_company_that_leaves_while_it_is_held_back_is_gone(tmp_path, serving):
    publish(build_warehouse(tmp_path / "w.duckdb", {"acme": 1, "globex": 1}), serving)
    warehouse = build_warehouse(tmp_path / "w.duckdb", {"acme": 2, "globex": 2})
    publish(warehouse, serving, held_back=["globex"])
    publish(build_warehouse(tmp_path / "w.duckdb", {"acme": 2}), serving)
    assert versions(serving / "all.duckdb") == {"acme": 2}
    assert not (serving / "globex.duckdb").exists()
    assert not (serving / "parquet" / "globex").exists()
    assert MARKS["globex"].encode() not in (serving / "all.duckdb").read_bytes()


def test_a_mart_without_companies_is_in_no_companys_copy_unless_it_is_listed(tmp_path, serving):
    warehouse = build_warehouse(tmp_path / "w.duckdb", {"acme": 1})
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table marts.secrets as select 'zreactor' as customer")
    publish(warehouse, serving)
    assert {"dates"} == COMMON_MARTS
    assert tables(serving / "all.duckdb") == {"companies", "events", "dates", "secrets"}
    assert tables(serving / "acme.duckdb") == {"companies", "events", "dates"}
    assert {file.stem for file in (serving / "parquet" / "acme").iterdir()} == {
        "companies",
        "events",
        "dates",
    }
    # It learns whose its rows are, and forgets it again.
    for column, is_there in (("company_id", True), ("customer", False)):
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(
                f"create or replace table marts.secrets as select 'acme' as {column}"
            )
        publish(warehouse, serving)
        assert ("secrets" in tables(serving / "acme.duckdb")) is is_there
        assert (serving / "parquet" / "acme" / "secrets.parquet").exists() is is_there


def test_a_mart_that_is_removed_leaves_all_copies(tmp_path, serving):
    warehouse = build_warehouse(tmp_path / "w.duckdb", {"acme": 1, "globex": 1})
    publish(warehouse, serving)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table marts.events")
    publish(warehouse, serving)
    for name in ("all", "acme", "globex"):
        assert tables(serving / f"{name}.duckdb") == {"companies", "dates"}
    assert not [name for name in published_files(serving) if "events" in name]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o444), (0o027, 0o440), (0o077, 0o400)])
def test_published_files_follow_the_umask(tmp_path, serving, umask, mode):
    before = os.umask(umask)
    try:
        publish(build_warehouse(tmp_path / "w.duckdb", {"acme": 1}), serving)
        publish(build_warehouse(tmp_path / "w.duckdb", {"acme": 2}), serving)
    finally:
        os.umask(before)
    for file in [serving / "all.duckdb", *files_of(serving, "acme")]:
        assert stat.S_IMODE(file.stat().st_mode) == mode, file.name


def test_published_files_and_folders_can_be_given_to_a_group(tmp_path, serving):
    warehouse = build_warehouse(tmp_path / "w.duckdb", {"acme": 1, "globex": 1})
    is_root = os.geteuid() == 0
    group = next(
        group.gr_name
        for group in grp.getgrall()
        if (is_root and group.gr_gid) or group.gr_gid in os.getgroups()
    )
    publish(warehouse, serving, held_back=["globex"])
    publish(warehouse, serving)
    publish(warehouse, serving, group=group)  # set later: what is there is handed over, too
    for path in [serving, serving / "all.duckdb", *files_of(serving, "acme")]:
        assert path.group() == group, path.name
    with pytest.raises(PublishError, match="SAAS_TRACKER_SERVING_GROUP is 'no-such-group'"):
        publish(warehouse, serving, group="no-such-group")
