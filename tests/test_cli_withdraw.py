"""``saas-tracker withdraw``, and reference data that is wrong, on the command line."""

import json
import shutil

import pytest

from ingestion.seeds.validation import DEFAULT_SEEDS
from orchestration.cli.invocation import invoke
from tests.ingestion.event_cases import GOOD
from tests.ingestion.place import Place

PATH = "acme/apps/web/events/a.jsonl"


@pytest.fixture
def place(tmp_path, monkeypatch) -> Place:
    place = Place(tmp_path / "place")
    for name in ("landing", "warehouse", "serving", "seeds"):
        monkeypatch.setenv(f"SAAS_TRACKER_{name.upper()}", str(getattr(place.settings, name)))
    monkeypatch.setenv("SAAS_TRACKER_NOW", "2024-06-01T12:00:00Z")
    place.write(PATH, json.dumps(GOOD) + "\n")
    place.quick_load()
    return place


def test_preview_apply_and_again(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["withdraw", PATH]) == 0
    out = capsys.readouterr().out
    assert "acme: 1 events of 1 organizations go (2024-05-01 to 2024-05-01); 0 stay" in out
    assert "Nothing was changed: this was a preview" in out
    assert len(place.rows("events")) == 1
    assert invoke(["withdraw", PATH, "--apply", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["applied"], report["files"][0]["path"]) == (True, PATH)
    assert place.rows("events") == []
    assert invoke(["withdraw", PATH, "--apply"]) == 0
    assert f"{PATH} was withdrawn on 2024-06-01 12:00 UTC" in capsys.readouterr().out


def test_a_name_that_is_none_is_one_line(place: Place, capsys) -> None:
    assert invoke(["withdraw", "acme/apps/web/events/b.jsonl"]) == 1
    assert f"did you mean {PATH}?" in capsys.readouterr().err


def test_mistakes_in_reference_data_are_a_line_each_before_anything_begins(
    place: Place, monkeypatch, capsys
) -> None:
    seeds = place.folder / "shipped"
    shutil.copytree(DEFAULT_SEEDS, seeds)
    companies = seeds / "companies.csv"
    companies.write_text(companies.read_text().replace("growth", "grwoth").replace("dmy", "DMY"))
    monkeypatch.setenv("SAAS_TRACKER_SEEDS", str(seeds))
    file = place.folder / "organizations.csv"
    file.write_text("org_id,name\no1,One\n")
    for command in (["run"], ["import", "organizations", str(file), "--company", "acme"]):
        assert invoke(command) == 1
        *lines, last = capsys.readouterr().err.splitlines()
        assert sorted(lines) == [
            f"{companies} line 2: date_order 'DMY' is unknown; did you mean 'dmy'?",
            f"{companies} line 2: plan 'grwoth' is unknown; did you mean 'growth'?",
        ]
        assert last.startswith("saas-tracker: 2 mistakes in the reference data")
    assert len(place.rows("loaded_files")) == 1, "nothing was loaded"
