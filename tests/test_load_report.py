"""What a run and ``doctor`` tell of the landing zone: refused files by name, what was ignored."""

import json
from contextlib import nullcontext

import pytest
from typer.testing import CliRunner

from orchestration import runner
from orchestration.cli import run as run_command
from orchestration.cli.app import app
from orchestration.cli.landing_checks import landing_zone
from orchestration.cli.load_report import ignored_facts, load_facts, print_load
from orchestration.landing.figures import refusals
from orchestration.runner import RunOutcome
from tests.ingestion.event_cases import HASH
from tests.ingestion.place import Place

EVENTS = "acme/apps/web/events"
GOOD = f"event,user_hash,customer_org_id\nx,{HASH},org\n"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("report") / "place")
    place.write(f"{EVENTS}/good.csv", GOOD)
    place.write(f"{EVENTS}/bad.csv", "event,plan\nx,y\n")
    place.write(f"{EVENTS}/cut.csv.gz", b"").write_bytes(b"\x1f\x8b")
    place.write("acme/apps/desktop/events/a.csv", GOOD)
    for name in ("a.json", "b.json", "c.txt", "_hidden.csv"):
        place.write(f"{EVENTS}/{name}", "x")
    elsewhere = place.folder / "elsewhere.csv"
    elsewhere.write_text(GOOD)
    (place.landing / EVENTS / "link.csv").symlink_to(elsewhere)
    (place.landing / EVENTS / "loop").symlink_to(".")
    place.load()
    return place


def test_the_report_names_refused_files_and_counts_what_is_ignored(
    loaded: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = {**load_facts(loaded.settings, ""), **ignored_facts(loaded.settings)}
    assert (summary["files_loaded"], summary["files_rejected"]) == (2, 3)
    refused = {file["path"]: (file["reason"], file["detail"]) for file in summary["rejected_files"]}
    assert refused[f"{EVENTS}/bad.csv"] == (
        "missing_column",
        "no column user_hash, customer_org_id",
    )
    assert refused[f"{EVENTS}/cut.csv.gz"][0] == "unreadable_file"
    assert summary["files_ignored"] == 4
    assert summary["ignored_endings"] == {".json": 2, ".txt": 1}
    json.dumps(summary)
    print_load(summary)
    text = " ".join(capsys.readouterr().out.split())
    assert f"rejected: {EVENTS}/bad.csv: missing_column: no column user_hash" in text
    assert "Ignored 4 files" in text
    assert "2 .json, 1 .txt, 1 by their names" in text
    assert f"{EVENTS}/link.csv is a link out of the landing zone" in text
    assert f"{EVENTS}/loop is a link to a folder that it is in" in text


def test_the_log_names_refused_files(loaded: Place) -> None:
    lines = refusals(loaded.settings, "")
    assert len(lines) == 3
    assert lines[0].startswith("refused acme/apps/desktop/events/a.csv: unknown_application: ")


def test_doctor_names_refused_files_until_they_load(loaded: Place) -> None:
    found = [finding.message for finding in landing_zone(loaded.settings)]
    [refused] = [message for message in found if "files were refused" in message]
    assert f"{EVENTS}/bad.csv: missing_column" in refused
    assert f"{EVENTS}/cut.csv.gz: unreadable_file" in refused
    assert any("3 files are no input by folder or ending" in message for message in found)
    assert any("1 names are ignored" in message for message in found)
    assert any("links out of the landing zone are followed" in message for message in found)
    loaded.write(f"{EVENTS}/bad.csv", GOOD)
    (loaded.landing / EVENTS / "cut.csv.gz").unlink()
    loaded.load()
    found = [finding.message for finding in landing_zone(loaded.settings)]
    assert not [message for message in found if "files were refused" in message]


def test_run_passes_a_full_scan_on(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = []
    monkeypatch.setattr(run_command, "run", lambda **options: passed.append(options) or 0)
    for arguments in (["run"], ["run", "--full-scan"]):
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert [options["full_scan"] for options in passed] == [False, True]


def test_a_run_that_builds_and_publishes_nothing_fails(
    loaded: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_command, "load_settings", lambda: loaded.settings)
    monkeypatch.setattr(run_command, "_manifest_beside", lambda _settings: nullcontext())
    unpublished = RunOutcome("1", succeeded=True, materialized=["marts/events"])
    monkeypatch.setattr(runner, "execute", lambda *_, **__: unpublished)
    ask = {"as_of": None, "full_refresh": False, "full_scan": False, "as_json": False}
    assert run_command.run(**ask, select=None) == 1
    assert "ended before anything was published" in capsys.readouterr().err
    assert run_command.run(**ask, select="marts/events") == 0
