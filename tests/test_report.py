"""The pages of a company: what they show, whose rows they hold, and when they are written."""

import grp
import json
import os
import re
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT
from orchestration.serving.report.blocks import PAGES, read_layout
from orchestration.serving.report.write import report_path, write_all, write_reports
from orchestration.serving.targets import copy_file_name
from tests.support.reports import HOSTILE, in_copy, largest

RECIPE = PROJECT_ROOT / "docs" / "add-a-chart.md"


@pytest.fixture(scope="module")
def serving(published_world, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "serving"
    return shutil.copytree(published_world, folder, symlinks=True)


@pytest.fixture(scope="module")
def company(built_worlds) -> str:
    return largest(built_worlds[0])


@pytest.fixture(scope="module")
def companies(published_world) -> list[str]:
    with duckdb.connect(str(published_world / "all.duckdb"), read_only=True) as connection:
        names = connection.execute("select company_id from marts.companies order by 1").fetchall()
    return [name for (name,) in names]


@pytest.fixture(scope="module")
def reports(serving, companies):
    return write_reports(serving, companies)


def content(serving: Path, company_id: str) -> dict:
    text = report_path(serving, company_id).read_text("utf-8")
    found = re.search(r'<script id="content" type="application/json">(.*?)</script>', text, re.S)
    return json.loads(found[1])


def block(serving: Path, company_id: str, title: str) -> dict:
    pages = content(serving, company_id)["pages"]
    return next(one for page in pages for one in page["blocks"] if one["title"] == title)


def test_the_page_holds_the_figures_of_the_marts(serving, reports, company):
    (row,) = block(serving, company, "Now")["rows"]
    (kpis,) = in_copy(serving, company, "select mrr, arr, paying_orgs from revenue_kpis")
    assert [round(value, 2) for value in row[:3]] == [float(value) for value in kpis]
    trend = block(serving, company, "MRR trend")["rows"]
    expected = in_copy(serving, company, "select month, mrr from mrr_trend order by month")
    assert trend == [[month.isoformat(), float(mrr)] for month, mrr in expected]
    assert len(block(serving, company, "Organizations")["rows"]) == len(
        in_copy(serving, company, "select 1 from organizations")
    )


def test_every_column_and_every_mart_has_its_definition(serving, reports, company):
    found = content(serving, company)
    for page in [*found["pages"], found["organization"]]:
        for one in page["blocks"]:
            assert one["definition"], one["title"]
            without = [column["name"] for column in one["columns"] if not column["definition"]]
            assert set(without) <= {"display_name", "app_id", "occurred_on", "feature_name"}, one


def test_an_organization_has_its_rows_in_a_file_beside_the_page(serving, reports, company):
    places = content(serving, company)["places"]
    folder = report_path(serving, company).parent
    organization, subscriptions = in_copy(
        serving,
        company,
        "select external_org_id, count(*) from subscriptions group by 1 order by 2 desc, 1 limit 1",
    )[0]
    text = (folder / places[organization]).read_text("utf-8")
    rows = json.loads(text.removeprefix("tracker.receive(").removesuffix(");\n"))[organization]
    titles = [one["title"] for one in content(serving, company)["organization"]["blocks"]]
    assert len(rows[titles.index("Subscriptions")]) == subscriptions


def test_no_page_holds_another_companys_rows(serving, reports, companies):
    for company_id in companies:
        # Ids that are no words, which a page may hold anyway.
        others = [
            other for other in companies if other != company_id and re.search("[0-9-]", other)
        ]
        for file in report_path(serving, company_id).parent.rglob("*.*"):
            text = file.read_text("utf-8").replace("echarts", "")
            assert not [
                other for other in others if other != company_id and f'"{other}"' in text
            ], file


def test_only_what_changed_is_written(serving, reports, companies, company):
    assert sorted(reports.written) == sorted(companies)
    assert write_reports(serving, companies).written == []
    page = report_path(serving, company)
    before = page.read_bytes()
    copy = serving / copy_file_name(company)
    shutil.copy(copy, copy.with_suffix(".new"))
    copy.with_suffix(".new").replace(copy)  # the same rows, published again
    assert write_reports(serving, companies).written == [company]
    assert page.read_bytes() == before


def test_values_from_outside_are_no_markup(serving, reports, company):
    text = report_path(serving, company).read_text("utf-8")
    assert "broken in" in text
    assert HOSTILE[:20] not in text
    assert "\u2028" not in text


def test_nothing_is_fetched(serving, reports, company):
    text = report_path(serving, company).read_text("utf-8")
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=[\"']?(https?:)?//", text)
    assert "default-src 'none'" in text


def test_a_chart_is_added_as_the_recipe_says(serving, company, tmp_path):
    file, lines = re.search(
        r"^Append to `([^`]+)`:\n\n```yaml\n(.*?)^```", RECIPE.read_text(), re.M | re.S
    ).groups()
    pages = tmp_path / "pages"
    shutil.copytree(PAGES, pages)
    with (pages / Path(file).name).open("a") as page:
        page.write(lines)
    copy = tmp_path / "serving"
    copy.mkdir()
    shutil.copy(serving / copy_file_name(company), copy)
    write_reports(copy, [company], pages=pages)
    expected = in_copy(serving, company, "select sum(sessions) from organization_metrics_daily")
    shown = sum(row[2] for row in block(copy, company, "Sessions by day")["rows"])
    assert 0 < shown <= expected[0][0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: line", "kind: lime", "4_usage.yml, blocks.0.chart.kind"),
        ("from: events", "form: events", "4_usage.yml, blocks.1.chart.from"),
        ("count(distinct user_hash)", "count(distinct users)", "'Active users by day'"),
        ("title: Usage", "title: [", "4_usage.yml is not YAML"),
    ],
)
def test_a_mistake_in_a_page_is_named_and_the_old_page_stays(
    serving, reports, company, tmp_path, old, new, said
):
    pages = tmp_path / "pages"
    shutil.copytree(PAGES, pages)
    usage = pages / "4_usage.yml"
    usage.write_text(usage.read_text().replace(old, new, 1))
    before = report_path(serving, company).read_bytes()
    with pytest.raises(UserError, match=re.escape(said)):
        write_reports(serving, [company], pages=pages)
    assert report_path(serving, company).read_bytes() == before


def test_pages_are_given_to_the_group_of_the_copies(serving, reports, company, companies):
    """Also those that did not change."""
    is_root = os.geteuid() == 0
    group = next(
        group.gr_name
        for group in grp.getgrall()
        if (is_root and group.gr_gid) or group.gr_gid in os.getgroups()
    )
    assert write_reports(serving, companies, group=group).written == []
    folder = report_path(serving, company).parent
    for path in (folder.parent, folder, *folder.rglob("*")):
        assert path.group() == group, path.name


def test_the_pages_of_a_company_that_left_are_removed(serving, reports, companies):
    left = report_path(serving, "long-gone").parent
    left.mkdir()
    assert write_all(serving).companies == len(companies)
    assert not left.exists()


def test_a_company_without_a_copy_is_an_error(tmp_path):
    with pytest.raises(UserError, match="run `saas-tracker run` first"):
        write_reports(tmp_path, ["acme"])


def test_every_page_has_a_title_of_its_own():
    titles = [page.title for page in read_layout().pages]
    assert len(set(titles)) == len(titles)


def test_exposures_name_every_page_and_its_marts():
    """So the graph says what a page shows, and who is asked about it."""
    text = (PROJECT_ROOT / "dbt_project" / "models" / "exposures.yml").read_text()
    said: dict[str, set[str]] = {}
    for exposure in yaml.safe_load(text)["exposures"]:
        marts = {re.findall(r"'(?:mart_)?(\w+)'", ref)[0] for ref in exposure["depends_on"]}
        for page in exposure["config"]["meta"]["pages"]:
            said[page] = marts
    layout = read_layout()
    files = [file.stem for file in sorted(PAGES.glob("*.yml"))]
    for file, page in zip(files, [*layout.pages, layout.organization], strict=True):
        read = {block.mart for block in page.blocks}
        for block in page.blocks:
            query = block.query or ""
            read |= set(re.findall(r"(?:from|join) (\w+)", query))
            read -= set(re.findall(r"with (\w+) as", query))
        assert not read - said[file], file
    assert said.keys() == set(files)
