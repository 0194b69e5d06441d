"""Readers while publishing: what is open stays as it is, what is opened is of one publish."""

import json
import re
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import duckdb
import pytest

from orchestration.serving.publish import publish
from orchestration.serving.report.write import report_path, write_reports
from tests.test_serving import build_warehouse

PUBLISHES = 12
# In a process of its own, as a BI tool is. Each line: what an open connection says, then what a new
# one does, and the Parquet files of a folder that was resolved once.
READER = """
    import json, os, sys, duckdb
    serving = sys.argv[1]
    VERSION = "select min(version) from {}companies", "select day(min(d)) from {}dates"
    AMOUNT = "select min(amount) from {}events"

    def versions(connection, place):
        found = [connection.execute(q.format(place)).fetchone()[0] for q in VERSION]
        return [*found, int(connection.execute(AMOUNT.format(place)).fetchone()[0])]

    opened = duckdb.connect(serving + "/acme.duckdb", read_only=True)
    while not os.path.exists(serving + "/stop"):
        with duckdb.connect(serving + "/all.duckdb", read_only=True) as new:
            of_all = versions(new, "marts.")
        folder = os.path.realpath(serving + "/parquet/acme")
        with duckdb.connect() as memory:
            for mart in ("companies", "dates", "events"):
                memory.execute(f"create view {mart} as from '{folder}/{mart}.parquet'")
            of_parquet = versions(memory, "")
        print(json.dumps([versions(opened, "marts."), of_all, of_parquet]), flush=True)
"""
# A page, and what each organization has on its own: the version that the copy is of.
PAGE = """
title: {title}
about: The version.
blocks:
  - type: table
    title: Version
    from: companies
    query: select 'org-' || version as external_org_id, version from companies
    columns: [external_org_id, version]
"""


def test_readers_never_break_and_never_mix_two_days(tmp_path):
    serving = tmp_path / "serving"
    publish(build_warehouse(tmp_path / "w.duckdb", version=1), serving)
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(READER), serving],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        lines = [reader.stdout.readline()]
        for version in range(2, PUBLISHES + 1):
            publish(build_warehouse(tmp_path / "w.duckdb", version=version), serving)
            lines.append(reader.stdout.readline())
        (serving / "stop").touch()
        rest, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors
    seen = [json.loads(line) for line in [*lines, *rest.splitlines()]]
    assert {tuple(opened) for opened, _, _ in seen} == {(1, 1, 1)}
    for _, *new in seen:
        for versions in new:
            assert len(set(versions)) == 1, versions
    for kind in (1, 2):
        order = [read[kind][0] for read in seen]
        assert order == sorted(order)
        assert order[-1] > order[0]


def test_pages_are_whole_while_they_are_replaced(tmp_path):
    """Each page that is opened is of one version, and so are the files that it asks for."""
    serving, pages = tmp_path / "serving", write_layout(tmp_path / "pages")
    publish_pages(tmp_path, serving, pages, version=1)
    stop = Event()

    def read_in_a_loop() -> list[int]:
        seen = []
        while not stop.is_set():
            text = index(serving)
            seen.append(version_of_page(text))
            rows = organization_rows(serving, text)
            if rows is None:
                assert index(serving) != text, "only a page that has been replaced lacks files"
            else:
                assert rows == [f"org-{seen[-1]}", seen[-1]]
        return seen

    with ThreadPoolExecutor() as threads:
        reader = threads.submit(read_in_a_loop)
        try:
            for version in range(2, PUBLISHES + 1):
                publish_pages(tmp_path, serving, pages, version=version)
        finally:
            stop.set()
        seen = reader.result(timeout=60)
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_an_open_page_finds_its_organizations_until_the_page_after_the_next(tmp_path):
    serving, pages = tmp_path / "serving", write_layout(tmp_path / "pages")
    publish_pages(tmp_path, serving, pages, version=1)
    opened = index(serving)
    publish_pages(tmp_path, serving, pages, version=2)
    assert organization_rows(serving, opened) == ["org-1", 1]
    assert organization_rows(serving, index(serving)) == ["org-2", 2]
    publish_pages(tmp_path, serving, pages, version=3)
    assert organization_rows(serving, opened) is None


def write_layout(folder: Path) -> Path:
    folder.mkdir()
    (folder / "1_version.yml").write_text(PAGE.format(title="Versions"))
    (folder / "organization.yml").write_text(PAGE.format(title="Organization"))
    return folder


def publish_pages(tmp_path: Path, serving: Path, pages: Path, version: int) -> None:
    warehouse = build_warehouse(tmp_path / "w.duckdb", version=version)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "create or replace table marts.companies as select *, company_id as name,"
            " 'EUR' as reporting_currency, date '2026-01-01' as as_of_date from marts.companies"
        )
    publish(warehouse, serving)
    write_reports(serving, ["acme"], pages=pages)


def index(serving: Path) -> str:
    return report_path(serving, "acme").read_text("utf-8")


def content(text: str) -> dict:
    return json.loads(re.findall(r'application/json">(.*?)</script>', text, re.S)[0])


def version_of_page(text: str) -> int:
    return content(text)["pages"][0]["blocks"][0]["rows"][0][1]


def organization_rows(serving: Path, text: str) -> list | None:
    """The rows that the page's organization has in its file; None where that is gone."""
    [(organization, file)] = content(text)["places"].items()
    try:
        script = (report_path(serving, "acme").parent / file).read_text("utf-8")
    except FileNotFoundError:
        return None
    rows = json.loads(script.removeprefix("tracker.receive(").removesuffix(");\n"))
    return rows[organization][0][0]


def test_a_folder_of_parquet_files_stays_until_the_publish_after_the_next(tmp_path):
    serving = tmp_path / "serving"
    publish(build_warehouse(tmp_path / "w.duckdb", version=1), serving)
    folder = (serving / "parquet" / "acme").resolve()
    publish(build_warehouse(tmp_path / "w.duckdb", version=2), serving)
    assert day(folder) == 1
    assert day(serving / "parquet" / "acme") == 2
    publish(build_warehouse(tmp_path / "w.duckdb", version=3), serving)
    assert not folder.exists()
    assert day(serving / "parquet" / "acme") == 3
    assert len(list((serving / ".parquet").glob("acme.*"))) == 2


@pytest.mark.parametrize("pattern", ["parquet/*/dates.parquet", "parquet/acme/*.parquet"])
def test_patterns_find_each_file_once(tmp_path, pattern):
    serving = tmp_path / "serving"
    publish(build_warehouse(tmp_path / "w.duckdb", version=1), serving)
    publish(build_warehouse(tmp_path / "w.duckdb", version=2), serving)
    found = duckdb.execute(f"select file from glob('{serving / pattern}')").fetchall()
    assert sorted(Path(file) for (file,) in found) == sorted(serving.glob(pattern))
    assert len(found) == (2 if "dates" in pattern else 4)


def test_a_folder_of_an_earlier_release_is_taken_over(tmp_path):
    serving = tmp_path / "serving"
    publish(build_warehouse(tmp_path / "w.duckdb", version=1), serving)
    link = serving / "parquet" / "acme"
    kept = link.resolve()
    link.unlink()
    kept.rename(link)
    publish(build_warehouse(tmp_path / "w.duckdb", version=2), serving)
    assert link.is_symlink()
    assert day(link) == 2


def test_a_folder_that_was_not_restored_is_written_again(tmp_path):
    serving = tmp_path / "serving"
    warehouse = build_warehouse(tmp_path / "w.duckdb", version=1)
    publish(warehouse, serving)
    for folder in (serving / ".parquet").iterdir():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    publish(warehouse, serving)
    assert day(serving / "parquet" / "acme") == 1


def day(folder: Path) -> int:
    query = f"select day(d) from '{folder / 'dates.parquet'}'"
    return duckdb.execute(query).fetchone()[0]
