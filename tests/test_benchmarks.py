"""The benchmarks' own logic: the guard, the ratios, the comparison of marts; never a time."""

import subprocess
import sys
import time
from pathlib import Path

import duckdb
import psutil
import pytest

from benchmarks import guard, report, results
from benchmarks.compare import DifferentMartsError, check_same, differences
from benchmarks.data import prepare
from benchmarks.measure import Cost, StageError, measure, python
from benchmarks.ratios import RATIOS
from benchmarks.stages import Bench

SLOWER = 1 + guard.MARGIN


def figures(**walls: float) -> results.Figures:
    return results.medians(
        (name.replace("_", " "), Cost(wall, 2 * wall, 10)) for name, wall in walls.items()
    )


def test_the_guard_lets_ratios_within_the_margin_pass() -> None:
    recorded = {"load, NDJSON": 2.0, "transform": 5.0}
    measured = {"load, NDJSON": 2.0 * SLOWER - 0.01, "transform": 1.0}
    assert guard.slower(measured, recorded) == []


def test_the_guard_names_the_stage_that_got_slower_and_what_to_run() -> None:
    recorded = {"load, NDJSON": 2.0, "transform": 5.0, "publish": 3.0}
    (complaint,) = guard.slower({**recorded, "transform": 5.0 * SLOWER + 0.1}, recorded)
    assert complaint.startswith("transform takes 6.60 times its limit, 5.00 were recorded")
    assert "--stages load,transform" in complaint


def test_guarded_ratios_are_of_processor_seconds() -> None:
    measured = results.medians(
        [("load", Cost(1, 6, 10)), ("limit load", Cost(1, 2, 10)), ("publish", Cost(1, 1, 10))]
    )
    assert guard.guarded(measured) == {"load, NDJSON": 3.0}


def test_every_recorded_ratio_is_one_that_is_measured() -> None:
    assert set(guard.read_recorded()) == {ratio.name for ratio in guard.GUARDED}


def test_medians_are_by_stage() -> None:
    costs = [("load", Cost(wall, 1, 1)) for wall in (9, 1, 2)]
    assert results.medians(costs)["load"]["wall"] == 2


def test_start_up_is_taken_off_only_where_a_ratio_says_so() -> None:
    values = figures(transform=30, transform_nothing_new=20, limit_transform=5)
    by_name = {ratio.name: ratio.value(values) for ratio in RATIOS}
    assert by_name["transform"] == 6
    assert by_name["transform without dbt's start"] == 2
    assert by_name["run after a late file"] is None


def test_results_of_pieces_are_merged_by_size(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results.merge(file, 1000, 1, figures(load=4, limit_load=2))
    merged = results.merge(file, 1000, 1, figures(publish=3, limit_publish=1))
    text = report.figures_text(merged)
    assert "| load, NDJSON | ≤ 2.5 | 2.00 |" in text
    assert "| publish |  | 3.00 |" in text
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n")
    report.write_page(merged, page)
    assert "old" not in page.read_text()
    assert page.read_text().startswith("before\n")
    assert page.read_text().endswith("after\n")


def test_the_cost_of_a_process_includes_its_children(tmp_path: Path) -> None:
    child = "held = bytearray(80_000_000); import time; time.sleep(0.5)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert measure(python("-c", program), {}, tmp_path).megabytes >= 76


def test_what_works_beside_a_process_is_counted_from_its_start_on(tmp_path: Path) -> None:
    busy = subprocess.Popen(python("-c", "held = bytearray(80_000_000)\nwhile True: pass"))
    try:
        server = psutil.Process(busy.pid)
        while (before := sum(server.cpu_times()[:2])) < 2:
            time.sleep(0.1)
        cost = measure(python("-c", "import time; time.sleep(1)"), {}, tmp_path, lambda: [server])
        after = sum(server.cpu_times()[:2])
    finally:
        busy.kill()
        busy.wait()
    assert 0.2 < cost.cpu < after - before + 1
    assert cost.megabytes >= 76


def test_a_server_that_ended_before_costs_nothing(tmp_path: Path) -> None:
    number = subprocess.Popen(python("-c", "sum(range(50_000_000))")).pid  # nobody waits for it
    while psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.1)
    assert measure(python("-c", ""), {}, tmp_path).cpu < 0.3


def test_a_command_that_fails_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="out of luck"):
        measure([sys.executable, "-c", "raise SystemExit('out of luck')"], {}, tmp_path)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("(1, 0.25), (2, 1)", "1 rows, not 2"),
        ("(1, 0.26)", "other values of share"),
        ("(1, 0.25000000001)", None),
    ],
)
def test_marts_are_compared_value_by_value(tmp_path: Path, rows: str, said: str | None) -> None:
    limit, warehouse = tmp_path / "limit.duckdb", tmp_path / "ours.duckdb"
    for file, values in ((limit, "(1, 0.25)"), (warehouse, rows)):
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema marts")
            connection.execute(
                "create table marts.things as select id::bigint as id, share::double as share"
                f" from (values {values}) as listed(id, share)"
            )
    assert differences(limit, warehouse) == ({"marts.things": said} if said else {})
    if said:
        with pytest.raises(DifferentMartsError, match="things"):
            check_same(limit, warehouse)


def test_a_model_may_have_columns_that_the_limit_does_not_make(tmp_path: Path) -> None:
    fewer, more = tmp_path / "fewer.duckdb", tmp_path / "more.duckdb"
    for file, columns in ((fewer, "1 as id"), (more, "1 as id, 'One' as name")):
        with duckdb.connect(str(file)) as connection:
            connection.execute("create schema marts")
            connection.execute(f"create table marts.things as select {columns}")
    assert differences(fewer, more) == {}
    assert "with name, which" in differences(more, fewer)["marts.things"]


@pytest.mark.slow
def test_the_limit_makes_the_large_tables_of_the_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAAS_TRACKER_BENCH_DIR", str(tmp_path))
    folder = tmp_path / "work"
    folder.mkdir()
    compared: list[Path] = []

    def check(limit: Path, warehouse: Path) -> None:
        check_same(limit, warehouse)
        compared.append(limit)

    bench = Bench(prepare(20_000), folder, check)
    for stage in (bench.load, bench.transform):
        list(stage())
    assert compared
