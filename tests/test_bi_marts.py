"""What BI tools find in the copies: every mart of the manifest, its words, and rows of `all`."""

import json
import re

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT
from orchestration.serving.targets import copy_file_name
from orchestration.transformation.project import ensure_manifest
from tests.support.reports import largest

BI = PROJECT_ROOT / "docs" / "bi.md"
OF_ALL = "Application, or `all`"


@pytest.fixture(scope="module")
def marts(parsed_project) -> dict[str, dict[str, str]]:
    """Of each mart of the manifest its columns and their words; its own under an empty name."""
    nodes = json.loads(ensure_manifest(parsed_project).read_text())["nodes"].values()
    return {
        node["alias"]: {"": node["description"]}
        | {column["name"]: column["description"] for column in node["columns"].values()}
        for node in nodes
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }


@pytest.fixture(scope="module")
def company(built_worlds) -> str:
    return largest(built_worlds[0])


@pytest.fixture(scope="module")
def connection(published_world):
    with duckdb.connect(str(published_world / "all.duckdb"), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        yield connection


@pytest.mark.parametrize("copy", ["all", "of a company"])
def test_copies_say_what_each_mart_and_column_is(published_world, company, marts, copy):
    file = "all.duckdb" if copy == "all" else copy_file_name(company)
    with duckdb.connect(str(published_world / file), read_only=True) as connection:
        said = connection.execute(
            "select table_name, '', comment from duckdb_tables() union all"
            " select table_name, column_name, comment from duckdb_columns()"
            " where schema_name = 'marts'"
        ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for mart, column, words in said:
        found.setdefault(mart, {})[column] = words
    assert_described(found, marts)


def test_parquet_files_say_what_each_mart_and_column_is(published_world, company, marts):
    found = {}
    for file in (published_world / "parquet" / company).glob("*.parquet"):
        rows = duckdb.execute("select key, value from parquet_kv_metadata(?)", [str(file)])
        said = {key.decode(): value.decode() for key, value in rows.fetchall()}
        columns = json.loads(said["columns"])
        found[file.stem] = {"": said["description"]} | columns
    assert_described(found, marts)


def assert_described(found: dict[str, dict[str, str]], marts: dict[str, dict[str, str]]) -> None:
    assert found.keys() == marts.keys()
    for mart, words in marts.items():
        assert found[mart].keys() == words.keys(), mart
        assert all(found[mart].values()), mart


def test_an_organization_has_a_name_in_every_row_of_every_mart(connection, marts):
    for mart, columns in marts.items():
        if "external_org_id" in columns:
            query = (
                f"select count(*) from {mart} where external_org_id <> '' and display_name is null"
            )
            assert connection.execute(query).fetchone() == (0,), mart


def test_rows_of_all_are_where_the_column_and_the_page_say(connection, marts):
    """So one filter serves a whole dashboard, by the rule that `docs/bi.md` gives."""
    said = {mart for mart, columns in marts.items() if OF_ALL in columns.get("app_id", "")}
    [listed] = re.findall(r"\*\*Rows of `all`\.\*\*(.*?)have them beside", BI.read_text(), re.S)
    assert set(re.findall(r"`(\w+)`", listed)) == said
    for mart in (mart for mart, columns in marts.items() if "app_id" in columns):
        query = "select count(*) filter (app_id = 'all'), count(*) from " + mart
        of_all, rows = connection.execute(query).fetchone()
        if mart != "tracking_plan_issues":
            assert bool(of_all) == (mart in said and rows > 0), mart


def test_features_have_the_rows_of_their_adoption(connection):
    query = "select company_id, app_id, feature_key from {} order by all"
    features = connection.execute(query.format("features")).fetchall()
    assert features == connection.execute(query.format("feature_adoption")).fetchall()
    assert {"all"} < {app_id for _, app_id, _ in features}


@pytest.mark.parametrize("language", ["python", "sql"])
def test_a_recipe_runs_as_it_is_written(published_world, company, tmp_path, monkeypatch, language):
    section = {"python": "### pandas", "sql": "### DuckDB"}[language]
    text = BI.read_text().partition(section)[2]
    recipe = re.findall(rf"```{language}\n(.*?)```", text, re.S)[0].replace("acme", company)
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "serving").symlink_to(published_world)
    monkeypatch.chdir(tmp_path)
    if language == "python":
        *lines, shown = recipe.splitlines()
        names: dict[str, object] = {}
        exec("\n".join(lines), names)
        assert len(eval(shown, names)) > 0
    else:
        [file] = re.findall(r"^-- duckdb -readonly (\S+)", recipe)
        with duckdb.connect(file, read_only=True) as connection:
            for statement in filter(str.strip, recipe.split(";")):
                rows = connection.execute(statement).fetchall()
                assert rows or statement.split()[-2:] == ["use", "marts"]
