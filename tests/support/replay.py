"""Loads a world's raw rows in batches, with a build after each, in one process of its own.

``python -m tests.support.replay PLAN``: PLAN is a pickled ``Plan``. dbt parses the project once.
"""

import os
import pickle
import random
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingestion.settings import Settings
from orchestration.platform.warehouse import reads_calls
from tests.support.dbt_runner import (
    PROJECT_ROOT,
    DbtError,
    dbt_environment,
    project_beside,
    reuse_parse,
)
from tests.support.raw_warehouse import append_rows, build_warehouse, write_seeds

Row = dict[str, Any]
Rows = dict[str, list[Row]]

PROJECT_SEEDS = PROJECT_ROOT / "seeds"
_LOADED_AT = datetime(2030, 1, 1)


@dataclass(frozen=True)
class Build:
    """A build as of a day: the rows that it finds new, the reference data that it finds changed.

    One that ``stops_before`` a model leaves that and all that follows as a killed build does; what
    is built after it is the next try. ``statements`` change the warehouse before the build.
    """

    as_of: date
    rows: Rows = field(default_factory=dict)
    seeds: Rows | None = None
    stops_before: str | None = None
    statements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Builds to do one after the other, from nothing or from what a warehouse holds."""

    warehouse: Path
    seeds: Path
    work_dir: Path
    builds: tuple[Build, ...]


def split_rows(rows: Rows, batches: int, random_source: random.Random) -> list[Rows]:
    """The raw rows as that many loads could have left them, in any order of events and calls.

    A content comes before its earlier receipts, a version before the next one; an id collides in
    the load that brings its second content.
    """
    loads: list[Rows] = [{} for _ in range(batches)]
    for dump in _DUMPS:
        _split_dump(loads, rows, dump, random_source)
    for table, key in _VERSIONED.items():
        for versions in _groups(rows.get(table, []), key):
            numbers = sorted(random_source.choices(range(batches), k=len(versions)))
            for number, row in zip(numbers, versions, strict=True):
                _put(loads, number, table, row)
    split = {table for dump in _DUMPS for table in (dump.rows, dump.receipts, dump.collisions)}
    for table in set(rows) - set(_VERSIONED) - split:
        loads[0][table] = rows[table]
    return loads


@dataclass(frozen=True)
class _Dump:
    """The raw tables of one kind of thing that applications send."""

    rows: str
    receipts: str
    collisions: str
    own_id: str

    @property
    def identity(self) -> tuple[str, ...]:
        return "company_id", "app_id", self.own_id


_DUMPS = (
    _Dump("events", "event_receipts", "event_id_collisions", "event_id"),
    _Dump("calls", "call_receipts", "call_id_collisions", "call_id"),
)


def _split_dump(loads: list[Rows], rows: Rows, dump: _Dump, random_source: random.Random) -> None:
    content = (*dump.identity, "content_hash")
    content_load: dict[tuple, int] = {}
    for row in rows.get(dump.rows, []):
        number = random_source.randrange(len(loads))
        content_load[_key(content, row)] = number
        _put(loads, number, dump.rows, row)
    for row in rows.get(dump.receipts, []):
        first = content_load[_key(content, row)]
        _put(loads, random_source.randrange(first, len(loads)), dump.receipts, row)
    for row in _collisions(rows.get(dump.rows, []), content_load, dump):
        _put(loads, row.pop("load"), dump.collisions, row)


_VERSIONED = {
    "organization_versions": ("company_id", "external_org_id"),
    "subscription_versions": ("company_id", "subscription_id"),
    "dismissal_versions": ("company_id", "external_org_id", "signal_type", "dismissed_at"),
}


def _key(columns: Iterable[str], row: Row) -> tuple:
    return tuple(row[column] for column in columns)


def _put(loads: list[Rows], number: int, table: str, row: Row) -> None:
    marked = {**row, "_dlt_load_id": f"{1700000000 + number}.5"}
    if "loaded_at" in marked:
        marked["loaded_at"] = _LOADED_AT + timedelta(days=number)
    loads[number].setdefault(table, []).append(marked)


def _collisions(rows: list[Row], content_load: dict[tuple, int], dump: _Dump) -> list[Row]:
    found = []
    for contents in _groups(rows, dump.identity, order="content_hash"):
        numbers = sorted(
            content_load[_key((*dump.identity, "content_hash"), row)] for row in contents
        )
        identity = {column: contents[0][column] for column in dump.identity}
        found += [{**identity, "loaded_at": _LOADED_AT, "load": number} for number in numbers[1:]]
    return found


def _groups(rows: list[Row], key: Iterable[str], order: str = "version_number") -> list[list[Row]]:
    groups: dict[tuple, list[Row]] = {}
    for row in rows:
        groups.setdefault(_key(key, row), []).append(row)
    return [sorted(group, key=lambda row: row[order]) for group in groups.values()]


def replay(plan: Plan) -> None:
    """Do the plan's builds.

    Raises:
        DbtError: one of them failed.
    """
    plan.work_dir.mkdir(parents=True, exist_ok=True)
    file = plan.work_dir / "plan.pickle"
    file.write_bytes(pickle.dumps(plan))
    reuse_parse(plan.work_dir)
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.replay", str(file)],
        cwd=PROJECT_ROOT,
        env=dbt_environment(plan.warehouse, plan.seeds, plan.work_dir, plan.builds[0].as_of),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DbtError(f"the replay failed:\n{(done.stdout + done.stderr)[-6000:]}")


def _main(file: Path) -> None:
    from dbt.cli.main import dbtRunner

    plan: Plan = pickle.loads(file.read_bytes())
    os.chdir(project_beside(plan.warehouse))
    manifest = None
    for number, build in enumerate(plan.builds):
        if build.seeds is not None:
            write_seeds(plan.seeds, PROJECT_SEEDS, build.seeds)
        if number == 0 and not plan.warehouse.exists():
            build_warehouse(plan.warehouse, build.rows)
        else:
            append_rows(plan.warehouse, build.rows)
        with duckdb.connect(str(plan.warehouse)) as connection:
            for statement in build.statements:
                connection.execute(statement)
        os.environ["SAAS_TRACKER_AS_OF_DATE"] = build.as_of.isoformat()
        if manifest is None:
            manifest = dbtRunner().invoke(["--quiet", "parse"]).result
            # dbt cannot copy these, and nothing of them is built.
            manifest.disabled.clear()
            manifest.saved_queries.clear()
            # A seed that was the project's when dbt parsed is read where it lay then.
            for node in manifest.nodes.values():
                if node.resource_type == "seed":
                    node.root_path = str(Path.cwd())
        arguments = ["build", "--exclude-resource-type", "test", "unit_test"]
        left_out = [] if reads_calls(Settings(warehouse=plan.warehouse)) else ["tag:calls"]
        if build.stops_before:
            left_out.append(f"{build.stops_before}+")
        arguments += ["--exclude", *left_out] if left_out else []
        # A copy: dbt writes what it has compiled into the manifest.
        result = dbtRunner(manifest=manifest.deepcopy()).invoke(
            ["--quiet", "--no-use-colors", *arguments]
        )
        if not result.success:
            sys.exit("\n".join([str(result.exception or ""), *_failures(result.result)]))


def _failures(result: Any) -> list[str]:
    return [f"{row.node.name}: {row.message}" for row in result or () if row.status == "error"]


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
