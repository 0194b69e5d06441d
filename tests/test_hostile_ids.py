"""Ids of companies and applications can neither leave their folder nor become SQL."""

import csv
import json
import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingestion.errors import UserError
from ingestion.landing.layout import route
from ingestion.reference import load_registry
from ingestion.replay import Selection
from orchestration.cli.invocation import invoke
from orchestration.serving.marts import Mart, PublishError
from orchestration.serving.publish import publish
from orchestration.serving.targets import copy_file_name, parquet_target
from tests.ingestion.place import Place
from tests.test_serving import build_warehouse, listed

FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HOSTILE = [
    "..",
    "../acme",
    "a/b",
    "a\\b",
    "a'; drop table raw.events; --",
    "' or 1=1 --",
    '"',
    "a b",
    "%",
    "{company_id}",
    "$1",
    "-rf",
    "_acme",
    ".acme",
    "Acme",
    "acme\n",
    "acme ",
    "äcme",
    "ａcme",
    "a" * 64,
    "",
    "all",
]
TAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(min_size=0, max_size=70),
    st.text(alphabet="acme01_-./\\'\";%${}\n", max_size=12),
    st.from_regex(TAME, fullmatch=True),
)


def is_tame(text: str) -> bool:
    return TAME.fullmatch(text) is not None and text != "all"


def write_csv(path: Path, columns: tuple[str, ...], *rows: tuple[str, ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])


@FEW
@given(company=texts, app=texts)
@example(company="acme", app="web")
@example(company="0\r", app="..")  # the carriage return ends the row: the next cells are missing
def test_the_registry_takes_tame_ids_alone(place, company, app):
    seeds = place.folder / "seeds"
    write_csv(
        seeds / "companies.csv",
        ("company_id", "name", "plan", "reporting_currency"),
        (company, "X", "", "EUR"),
    )
    write_csv(seeds / "applications.csv", ("company_id", "app_id", "name"), (company, app, "X"))
    if is_tame(company) and is_tame(app):
        assert set(load_registry(place.settings).companies) == {company}
    else:
        with pytest.raises(UserError, match=r"seeds/\w+\.csv"):
            load_registry(place.settings)


@pytest.fixture
def place(tmp_path) -> Place:
    return Place(tmp_path / "place")


@FEW
@given(company=texts, app=texts)
def test_a_folder_of_any_name_is_refused_unless_it_is_registered(place, company, app):
    registry = load_registry(place.settings)
    for path in (f"{company}/imports/organizations/a.csv", f"{company}/apps/{app}/events/a.csv"):
        found = route(path)
        if found is None:
            continue
        is_known = found.company_id in registry.companies and (
            found.app_id is None
            or found.app_id in registry.companies[found.company_id].applications
        )
        assert (registry.refusal(found.company_id, found.app_id) is None) == is_known


def test_hostile_folders_are_quarantined_and_nothing_else_happens(place):
    names = [name for name in HOSTILE if name and "/" not in name and name != ".."]
    for name in names:
        place.write(f"{name}/imports/organizations/a.csv", "org_id,name\n1,A\n")
        place.write(f"acme/apps/{name}/events/a.jsonl", "{}\n")
    place.write("acme/imports/organizations/it's.csv", "org_id,name\n'; drop table x; --,A\n")
    place.quick_load()
    visible = [name for name in names if not name.startswith((".", "_"))]
    assert {row["company_id"] for row in place.records("rejected_files")} == {*visible, "acme"}
    assert len(place.rows("rejected_files")) == 2 * len(visible)
    assert place.rows("organization_versions", "company_id, external_org_id") == [
        ("acme", "'; drop table x; --")
    ]
    for name in names:
        assert len(place.quick_replay(company_id=name).files) == (name in visible)
        assert place.quick_replay(path=name, reason=name).files == []


@FEW
@given(texts, texts, texts)
@example("..", "..", "\0")
def test_filters_of_a_replay_are_values(company, path, reason):
    condition = Selection(company, path, reason).condition("rows.reasons")
    query = f"select {condition} from (select $c as company_id, $p as path, $r as reasons) as rows"
    with duckdb.connect() as connection:
        plain = re.escape(reason) == reason and "," not in reason
        values = {"c": company, "p": path, "r": f"other,{reason}" if plain else reason}
        (found,) = connection.execute(query, values).fetchone()
    # * and the like are patterns in a path; the other two are compared as they are.
    assert isinstance(found, bool)


@FEW
@given(texts)
def test_published_files_stay_in_their_folder(company):
    if not is_tame(company):
        return
    mart = Mart("c", "events", None, ())
    for path in (copy_file_name(company), parquet_target(company, mart)):
        assert Path("/serving", path).resolve().is_relative_to("/serving")
        assert path.count("/") in (0, 2)


@pytest.mark.parametrize("company", HOSTILE)
def test_a_hostile_company_publishes_nothing(tmp_path, company):
    serving = tmp_path / "serving"
    publish(build_warehouse(tmp_path / "w.duckdb"), serving)
    before = {name: (serving / name).read_bytes() for name in listed(serving)}
    with pytest.raises(PublishError, match="company id"):
        publish(build_warehouse(tmp_path / "w.duckdb", ("acme", company)), serving)
    assert {name: (serving / name).read_bytes() for name in listed(serving)} == before
    assert {path.name for path in tmp_path.iterdir()} == {"serving", "w.duckdb"}


@pytest.fixture
def loaded(place, monkeypatch):
    """A warehouse with quarantined rows, and commands that use it."""
    place.write("acme/imports/organizations/a.csv", "org_id,name\n1,\n2,B\n")
    place.quick_load()
    chosen = place.settings
    for name in ("landing", "warehouse", "serving", "seeds"):
        monkeypatch.setenv(f"SAAS_TRACKER_{name.upper()}", str(getattr(chosen, name)))
    return place


@pytest.mark.parametrize("company", [name for name in HOSTILE if not name.startswith("-")])
def test_a_hostile_company_on_the_command_line_is_nobody(loaded, capsys, company):
    sizes = "select table_name, estimated_size from duckdb_tables() order by 1"
    before = loaded.query(sizes)
    assert invoke(["rejects", "--company", company, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"rows": [], "files": []}
    assert invoke(["rejects", "replay", "--company", company, "--apply"]) == 1
    file = str(loaded.landing / "acme/imports/organizations/a.csv")
    assert invoke(["import", "organizations", file, "--company", company, "--apply"]) == 1
    for command in ("signals", "revenue", "organizations"):
        assert invoke([command, "--company", company]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert (
        loaded.query("select table_name, estimated_size from duckdb_tables() order by 1") == before
    )
    assert not (loaded.folder.parent / "acme").exists()
