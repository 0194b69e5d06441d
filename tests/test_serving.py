"""Serving: isolation of companies, atomic replacement, what is removed, what a failure leaves."""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

from orchestration.serving.marts import PublishError
from orchestration.serving.publish import publish
from orchestration.serving.targets import copy_file_name
from tests.support.published import published_files

MARTS = {"companies", "events", "dates", "rejected_files"}


def build_warehouse(path: Path, companies=("acme", "globex"), version: int = 1) -> Path:
    """A small warehouse with marts, and schemas that must not be published.

    Another version has other rows in every mart.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for schema in ("raw", "staging", "marts"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table raw.events as select 'secret' as company_id")
        connection.execute("create table marts.companies (company_id varchar, version integer)")
        connection.execute(
            "create table marts.events (company_id varchar, event_id varchar,"
            ' amount decimal(18,2), occurred_at timestamp, "order" integer)'
        )
        for company in companies:
            connection.execute("insert into marts.companies values (?, ?)", [company, version])
            connection.execute(
                "insert into marts.events select ?, ? || '-' || range, range / 100 + ?,"
                " timestamp '2026-01-01', range from range(500)",
                [company, company, version],
            )
        connection.execute(f"create table marts.dates as select make_date(2026, 1, {version}) as d")
        connection.execute(
            "create table marts.rejected_files as select company_id, path || ?::varchar as path"
            " from (values ('acme', 'a.csv'), ('globex', 'g.csv'), ('initech', 'b.csv'),"
            " (null, 'c.csv')) as t(company_id, path)",
            [version],
        )
        connection.execute("create table marts.events__dbt_tmp as select 1 as company_id")
        connection.execute("comment on table marts.events is 'One row per event; it''s tested'")
        connection.execute("comment on column marts.events.\"order\" is 'The order'")
    return path


def query(path: Path, sql: str):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return build_warehouse(tmp_path / "saas_tracker.duckdb")


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    return tmp_path / "serving"


def listed(serving: Path) -> set[str]:
    """The visible files."""
    return set(published_files(serving))


def test_copies_hold_the_marts_alone_and_each_company_its_own_rows(warehouse, serving):
    summary = publish(warehouse, serving)

    assert (summary.companies, summary.marts, summary.rows) == (2, 4, 2 + 1000 + 1 + 4)
    parquet = {f"parquet/{c}/{m}.parquet" for c in ("acme", "globex") for m in MARTS}
    assert listed(serving) == {"all.duckdb", "acme.duckdb", "globex.duckdb"} | parquet
    assert summary.files == len(listed(serving))
    for name in ("all", "acme", "globex"):
        tables = query(
            serving / f"{name}.duckdb", "select schema_name, table_name from duckdb_tables()"
        )
        assert set(tables) == {("marts", mart) for mart in MARTS}
    assert query(serving / "all.duckdb", "select count(*) from marts.events") == [(1000,)]
    assert query(serving / "all.duckdb", "select count(*) from marts.rejected_files") == [(4,)]
    for company in ("acme", "globex"):
        for mart in MARTS - {"dates"}:
            ids = query(
                serving / f"{company}.duckdb", f"select distinct company_id from marts.{mart}"
            )
            assert ids == [(company,)]
            file = serving / "parquet" / company / f"{mart}.parquet"
            assert duckdb.execute(f"select distinct company_id from '{file}'").fetchall() == ids
        assert query(serving / f"{company}.duckdb", "select * from marts.dates") == query(
            serving / "all.duckdb", "select * from marts.dates"
        )


def test_another_companys_bytes_are_nowhere_in_a_copy(warehouse, serving):
    publish(warehouse, serving)
    for path in [serving / "acme.duckdb", *(serving / "parquet" / "acme").iterdir()]:
        content = path.read_bytes()
        assert b"globex" not in content
        assert b"initech" not in content
        assert b"secret" not in content


def test_types_and_comments_are_those_of_the_warehouse(warehouse, serving):
    publish(warehouse, serving)
    columns = (
        "select table_name, column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'marts' and table_name not like '%dbt_tmp' order by 1, column_index"
    )
    for name in ("all", "acme"):
        assert query(serving / f"{name}.duckdb", columns) == query(warehouse, columns)
        assert query(
            serving / f"{name}.duckdb",
            "select comment from duckdb_tables() where table_name = 'events'",
        ) == [("One row per event; it's tested",)]


@pytest.mark.parametrize("name", ["marts", "main", "memory", "warehouse copy"])
def test_the_warehouse_may_have_any_name(tmp_path, serving, name):
    warehouse = build_warehouse(tmp_path / "w.duckdb").rename(tmp_path / f"{name}.duckdb")
    if name == "memory":
        with pytest.raises(PublishError, match="cannot read the warehouse"):
            publish(warehouse, serving)
    else:
        assert publish(warehouse, serving).rows == 1007


def test_copies_are_in_the_format_that_duckdb_1_3_reads(warehouse, serving):
    publish(warehouse, serving)
    for path in serving.glob("*.duckdb"):
        ((tags,),) = query(path, "select tags from duckdb_databases() where path is not null")
        assert tags["storage_version"].startswith("v1.3")


def test_views_are_copied_as_tables(warehouse, serving):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            'create view marts.active as select company_id from "saas_tracker".marts.companies'
        )
    publish(warehouse, serving)
    assert query(serving / "acme.duckdb", "select * from marts.active") == [("acme",)]


@pytest.mark.parametrize("company", ["marts", "information_schema", "pg_catalog"])
def test_a_company_with_the_name_of_a_schema_can_be_queried(tmp_path, serving, company):
    publish(build_warehouse(tmp_path / "w.duckdb", (company, "acme")), serving)
    copy = serving / copy_file_name(company)
    assert copy.name == f"_{company}.duckdb"
    assert query(copy, "select company_id from marts.companies") == [(company,)]
    assert query(copy, "select count(*) > 0 from information_schema.tables") == [(True,)]
    assert query(copy, "select count(*) > 0 from pg_catalog.pg_tables") == [(True,)]
    assert (serving / "parquet" / company / "events.parquet").exists()


@pytest.mark.parametrize("company", ["main", "temp", "system", "memory", "select", "1", "a-b_c"])
def test_other_unusual_company_ids_keep_their_name(tmp_path, serving, company):
    publish(build_warehouse(tmp_path / "w.duckdb", (company,)), serving)
    copy = serving / f"{company}.duckdb"
    assert query(copy, "select company_id from marts.companies") == [(company,)]


@pytest.mark.parametrize(
    ("company", "text"),
    [("all", "reserved"), ("../acme", "malformed"), ("Acme", "malformed"), ("", "malformed")],
)
def test_impossible_company_ids_publish_nothing(tmp_path, serving, company, text):
    publish(build_warehouse(tmp_path / "w.duckdb"), serving)
    before = listed(serving)
    with pytest.raises(PublishError, match=text):
        publish(build_warehouse(tmp_path / "w.duckdb", ("acme", company), version=2), serving)
    assert listed(serving) == before
    assert query(serving / "acme.duckdb", "select version from marts.companies") == [(1,)]


def test_companies_and_marts_that_are_gone_lose_their_files(tmp_path, serving):
    publish(build_warehouse(tmp_path / "w.duckdb"), serving)
    later = build_warehouse(tmp_path / "w.duckdb", ("acme",), version=2)
    with duckdb.connect(str(later)) as connection:
        connection.execute("drop table marts.dates")
    summary = publish(later, serving)
    assert summary.removed_files == 1 + 4 + 1
    assert listed(serving) == {"all.duckdb", "acme.duckdb"} | {
        f"parquet/acme/{mart}.parquet" for mart in MARTS - {"dates"}
    }
    assert not (serving / "parquet" / "globex").exists()
    assert query(serving / "all.duckdb", "select distinct version from marts.companies") == [(2,)]


def test_files_of_others_are_neither_removed_nor_overwritten(warehouse, serving):
    publish(warehouse, serving)
    (serving / "notes.duckdb").write_bytes(b"mine")
    publish(warehouse, serving)
    assert (serving / "notes.duckdb").read_bytes() == b"mine"
    # The warehouse itself in the serving folder, under the name of a company.
    acme = build_warehouse(serving.parent / "beside" / "acme.duckdb")
    with pytest.raises(PublishError, match="was not published"):
        publish(acme, acme.parent)
    assert query(acme, "select count(*) from raw.events") == [(1,)]


def test_a_log_left_by_a_reader_does_not_spoil_the_next_copy(warehouse, serving):
    publish(warehouse, serving)
    (serving / "acme.duckdb.wal").write_bytes(b"left over")
    publish(warehouse, serving)
    assert query(serving / "acme.duckdb", "select count(*) from marts.events") == [(500,)]


def test_a_failing_build_leaves_the_old_copies(tmp_path, serving):
    publish(build_warehouse(tmp_path / "w.duckdb"), serving)
    before = {name: (serving / name).read_bytes() for name in listed(serving)}
    broken = build_warehouse(tmp_path / "w.duckdb", version=2)
    with duckdb.connect(str(broken)) as connection:
        connection.execute(
            "create view marts.zz as select company_id, error('no rate') as x from marts.companies"
        )
    with pytest.raises(PublishError, match="no rate"):
        publish(broken, serving)
    assert {name: (serving / name).read_bytes() for name in listed(serving)} == before
    assert not list(serving.rglob("*.building*"))


def test_without_a_warehouse_or_marts_the_error_says_what_to_do(tmp_path, serving):
    with pytest.raises(PublishError, match="saas-tracker run"):
        publish(tmp_path / "none.duckdb", serving)
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as connection:
        connection.execute("create schema marts")
    with pytest.raises(PublishError, match=r"marts\.companies"):
        publish(tmp_path / "empty.duckdb", serving)


def test_two_publishers_do_not_meet(warehouse, serving):
    def intrude(done, total, what):
        with pytest.raises(PublishError, match="another process"):
            publish(warehouse, serving)

    publish(warehouse, serving, progress=intrude)


def test_progress_counts_every_file_twice(warehouse, serving):
    steps = []
    summary = publish(warehouse, serving, progress=lambda *step: steps.append(step))
    assert [done for done, _, _ in steps] == list(range(1, 2 * summary.files + 1))
    assert {total for _, total, _ in steps} == {2 * summary.files}


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from orchestration.serving.publish import publish

    def progress(done, total, what):
        if done == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)

    publish(Path(sys.argv[1]), Path(sys.argv[2]), progress=progress)
    """
)


@pytest.mark.parametrize("step", [1, 8, 11, 12, 14, 22])
def test_a_killed_publish_leaves_whole_files_and_the_next_one_tidies_up(tmp_path, serving, step):
    publish(build_warehouse(tmp_path / "w.duckdb"), serving)
    names = listed(serving)
    later = build_warehouse(tmp_path / "w.duckdb", ("acme", "globex"), version=2)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(later), str(serving), str(step)], check=False
    )

    assert killed.returncode == -signal.SIGKILL
    assert listed(serving) == names
    for name in names:
        if name.endswith(".duckdb"):
            rows = query(serving / name, "select company_id, version from marts.companies")
            assert {version for _, version in rows} in ({1}, {2})
            per_company = "select distinct count(*) from marts.events group by company_id"
            assert query(serving / name, per_company) == [(500,)]
        else:
            duckdb.execute(f"select count(*) from '{serving / name}'").fetchall()
    replaced = query(serving / "all.duckdb", "select min(version) from marts.companies")
    assert replaced == [(1 if step <= 11 else 2,)], "nothing is replaced before all is built"

    publish(later, serving)
    assert listed(serving) == names
    assert not list(serving.rglob("*.building*"))
    for name in ("all", "acme", "globex"):
        assert query(
            serving / f"{name}.duckdb", "select distinct version from marts.companies"
        ) == [(2,)]


def test_a_killed_first_publish_is_completed_by_the_next(tmp_path, serving):
    warehouse = build_warehouse(tmp_path / "w.duckdb")
    for step in (2, 13):
        subprocess.run(
            [sys.executable, "-c", KILLED, str(warehouse), str(serving), str(step)], check=False
        )
    assert publish(warehouse, serving).files == len(listed(serving)) == 11


READER = textwrap.dedent(
    """
    import sys, duckdb
    connection = duckdb.connect(sys.argv[1], read_only=True)
    joined = "marts.companies join marts.events using (company_id)"
    sql = f"select version, count(*) from {joined} group by 1"
    for _ in range(2):
        print(connection.execute(sql).fetchall(), flush=True)
        sys.stdin.readline()
    """
)


def test_an_open_reader_keeps_its_snapshot_and_the_next_open_sees_the_new_one(tmp_path, serving):
    publish(build_warehouse(tmp_path / "w.duckdb"), serving)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(serving / "acme.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert reader.stdout.readline() == "[(1, 500)]\n"
        publish(build_warehouse(tmp_path / "w.duckdb", version=2), serving)
        publish(build_warehouse(tmp_path / "w.duckdb", version=3), serving)
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "[(1, 500)]\n"
    finally:
        reader.communicate("\n", timeout=30)
    assert reader.returncode == 0
    assert query(serving / "acme.duckdb", "select version from marts.companies") == [(3,)]


def test_copies_are_read_only_files(warehouse, serving):
    publish(warehouse, serving)
    assert {(serving / name).stat().st_mode & 0o777 for name in listed(serving)} == {0o444}
