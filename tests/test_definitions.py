"""The asset graph as Dagster sees it, and the parts of it that hold decisions."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml

from ingestion.raw.tables import RAW_TABLES
from ingestion.settings import PROJECT_ROOT, Settings
from ingestion.thresholds import read_thresholds
from orchestration.definitions import build_definitions
from orchestration.landing.checks import raw_suites
from orchestration.pipeline.jobs import run_config
from orchestration.pipeline.selection import select_keys
from orchestration.platform.policy import JOB, POOL
from orchestration.platform.settings import OperationsSettings
from orchestration.quality.accuracy import RECOUNT_SUITES
from orchestration.transformation.arguments import build_arguments, parse_arguments
from orchestration.transformation.project import ensure_manifest
from orchestration.transformation.resources import dbt_variables
from orchestration.transformation.translator import group_of

SNAPSHOT = Path(__file__).parent / "snapshots" / "asset_graph.json"


@pytest.fixture(scope="module")
def settings(parsed_project) -> Settings:
    return parsed_project


@pytest.fixture(scope="module")
def definitions(settings) -> dg.Definitions:
    return build_definitions(settings, ensure_manifest(settings))


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def name(key: dg.AssetKey) -> str:
    return key.to_user_string()


def describe(definitions: dg.Definitions, graph) -> dict:
    """Everything about the graph that a change should be aware of, in a stable order."""
    repository = definitions.get_repository_def()
    return {
        "assets": {
            name(key): {
                "group": node.group_name,
                "deps": sorted(name(parent) for parent in node.parent_keys),
                "checks": sorted(check.name for check in node.check_keys),
            }
            for key in sorted(graph.get_all_asset_keys())
            for node in [graph.get(key)]
        },
        "jobs": sorted(job.name for job in repository.get_all_jobs()),
        "schedules": {
            schedule.name: [schedule.job_name, schedule.cron_schedule]
            for schedule in sorted(repository.schedule_defs, key=lambda item: item.name)
        },
        "sensors": sorted(sensor.name for sensor in repository.sensor_defs),
    }


def test_the_graph_is_the_one_that_was_agreed_on(definitions, graph):
    found = describe(definitions, graph)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    expected = json.loads(SNAPSHOT.read_text())
    assert found == expected, "the asset graph changed; if it should have: make snapshots"


def test_lineage_runs_from_the_landing_zone_to_the_published_copies(graph):
    upstream = dg.AssetSelection.assets(["serving", "published"]).upstream().resolve(graph)
    raw = {dg.AssetKey(["raw", table.name]) for table in RAW_TABLES}
    for key in raw:
        assert graph.get(key).parent_keys == {dg.AssetKey(["landing", "files"])}
    # Resolutions are folded into raw.rejected_rows when they are loaded; which files were withdrawn
    # only loading asks.
    unread = ("row_resolutions", "withdrawals", "withdrawn_files")
    unread += ("calls", "call_receipts", "call_id_collisions")
    assert raw - upstream <= {dg.AssetKey(["raw", table]) for table in unread}
    assert {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"} <= upstream


def test_only_the_landing_zone_comes_from_outside_and_only_readers_are_outside(graph):
    outside = set(graph.get_all_asset_keys()) - set(graph.executable_asset_keys)
    readers = {key for key in outside if graph.get(key).child_keys == set()}
    assert outside - readers == {dg.AssetKey(["landing", "files"])}
    assert readers
    for key in readers:
        parents = graph.get(key).parent_keys
        assert key.path[0] == "exposures"
        assert dg.AssetKey(["serving", "published"]) in parents
        assert any(parent.path[0] == "marts" for parent in parents), name(key)


def test_groups_are_those_of_the_contract(graph):
    groups = {graph.get(key).group_name for key in graph.get_all_asset_keys()}
    domains = ("core", "usage", "health", "revenue", "signals", "tracking", "governance")
    layers = {"raw", "reference", "staging", "intermediate", "serving"}
    assert groups == layers | {f"marts_{domain}" for domain in domains}


def test_every_asset_says_what_it_is(graph):
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.owners, name(key)
        assert node.kinds, name(key)
        assert node.description, name(key)


def test_every_asset_that_is_made_here_links_to_its_code(graph):
    for key in graph.executable_asset_keys:
        (reference,) = graph.get(key).metadata["dagster/code_references"].code_references
        assert Path(reference.file_path).is_file(), name(key)


def test_links_lead_to_the_web_where_the_repository_has_an_address(settings):
    operations = OperationsSettings(
        source_url="https://gitlab.com/group/tracker", source_branch="trunk", _env_file=None
    )
    graph = build_definitions(
        settings, ensure_manifest(settings), operations=operations
    ).resolve_asset_graph()

    def link(*path: str) -> str:
        metadata = graph.get(dg.AssetKey(path)).metadata
        (reference,) = metadata["dagster/code_references"].code_references
        return reference.url

    base = "https://gitlab.com/group/tracker/-/tree/trunk"
    assert link("marts", "signals") == f"{base}/dbt_project/models/marts/signals/signals.sql"
    assert link("seeds", "plans") == f"{base}/seeds/plans.csv"
    assert link("raw", "events").startswith(f"{base}/ingestion/raw/tables.py")


def test_every_column_is_described(graph):
    for key in graph.executable_asset_keys:
        if key.path[0] in {"raw", "seeds", "marts"}:
            schema = graph.get(key).metadata["dagster/column_schema"]
            bare = [column.name for column in schema.columns if not column.description]
            assert set(bare) <= {"_dlt_load_id"}, name(key)


def test_raw_and_marts_have_a_freshness_policy_with_slack(graph):
    for key in graph.executable_asset_keys:
        node = graph.get(key)
        if node.group_name == "raw" or node.group_name.startswith("marts_"):
            policy = node.freshness_policy_or_from_metadata
            assert policy.fail_window.to_timedelta() > timedelta(hours=24), name(key)


def test_everything_that_writes_is_in_the_pool(definitions):
    job = definitions.resolve_job_def(JOB)
    pools = {node.name: node.definition.pool for node in job.graph.nodes}
    assert pools
    assert set(pools.values()) == {POOL}


def test_no_unit_test_is_a_check_and_error_tests_block(graph, settings):
    checks = [graph.get(key) for key in graph.asset_check_keys]
    assert not [check for check in checks if "unit_test" in check.key.name]
    suites = {suite.name for suite in (*raw_suites(settings, read_thresholds()), *RECOUNT_SUITES)}
    assert suites <= {check.key.name for check in checks if check.blocking}


def test_the_job_and_the_schedules_run_the_same_thing(definitions):
    repository = definitions.get_repository_def()
    assert {schedule.job_name for schedule in repository.schedule_defs} == {
        JOB,
        "housekeeping",
        "signal_digest",
    }
    full_scan = run_config(full_scan=True).to_config_dict()
    assert full_scan["ops"]["load_landing"]["config"] == {"full_scan": True}


def test_the_instance_configuration_has_one_slot_and_no_telemetry():
    configuration = yaml.safe_load((PROJECT_ROOT / "dagster.yaml").read_text())
    assert configuration["concurrency"]["pools"] == {"default_limit": 1, "granularity": "op"}
    assert configuration["telemetry"] == {"enabled": False}


def test_ingestion_runs_without_dagster_and_orchestration():
    modules = [
        ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((PROJECT_ROOT / "ingestion").rglob("*.py"))
    ]
    code = f"""
import importlib, sys
for module in {modules!r}:
    importlib.import_module(module)
print([name for name in sys.modules if name.split(".")[0] in
       {{"dagster", "dagster_dlt", "dagster_dbt", "orchestration"}}])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT
    )
    assert done.stdout.strip() == "[]"


# --- pure functions ---


def test_build_arguments():
    arguments = build_arguments()
    assert arguments == [
        "build",
        "--exclude-resource-type",
        "unit_test",
        "saved_query",
    ]
    assert build_arguments(full_refresh=True) == [*arguments, "--full-refresh"]
    assert build_arguments(calls=False) == [*arguments, "--exclude", "tag:calls"]


def test_build_and_parse_have_no_variables_that_change_with_the_day():
    """dbt would parse every file again."""
    assert "--vars" not in [*parse_arguments(), *build_arguments(full_refresh=True)]


def test_the_day_of_a_build_is_in_its_environment_only(settings, monkeypatch):
    monkeypatch.delenv("SAAS_TRACKER_AS_OF_DATE", raising=False)
    with dbt_variables(settings, settings.seeds, date(2025, 3, 1)):
        assert os.environ["SAAS_TRACKER_AS_OF_DATE"] == "2025-03-01"
    assert "SAAS_TRACKER_AS_OF_DATE" not in os.environ


@pytest.mark.parametrize(
    ("fqn", "group"),
    [
        (["saas_tracker", "marts", "usage", "sessions"], "marts_usage"),
        (["saas_tracker", "marts", "revenue", "deep", "mrr_trend"], "marts_revenue"),
        (["saas_tracker", "intermediate", "usage", "int_sessions"], "intermediate"),
        (["saas_tracker", "staging", "stg_events"], "staging"),
    ],
)
def test_group_of(fqn, group):
    assert group_of(fqn) == group


# --- selections ---


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("organizations", {"marts/organizations"}),
        ("marts/organizations revenue_kpis", {"marts/organizations", "marts/revenue_kpis"}),
        ("published", {"serving/published"}),
    ],
)
def test_select_by_name(graph, selection, expected):
    assert {name(key) for key in select_keys(graph, selection)} == expected


def test_select_by_folder_group_and_direction(graph):
    names = {name(key) for key in select_keys(graph, "marts/*")}
    assert "marts/signals" in names
    assert all(found.startswith("marts/") for found in names)
    groups = {name(key) for key in select_keys(graph, "group:marts_revenue")}
    assert "marts/revenue_kpis" in groups
    assert "raw/events" in {name(key) for key in select_keys(graph, "+marts/sessions")}
    assert "serving/published" in {name(key) for key in select_keys(graph, "sessions+")}


def test_tables_that_are_loaded_together_are_selected_together(graph):
    names = {name(key) for key in select_keys(graph, "raw/events")}
    assert names == {f"raw/{table.name}" for table in RAW_TABLES}


@pytest.mark.parametrize("selection", ["no_such_table", "group:", ","])
def test_a_selection_that_means_nothing_is_an_error(graph, selection):
    from ingestion.errors import UserError

    with pytest.raises(UserError):
        select_keys(graph, selection)
