"""The pages of a company in Chromium: what a person reads, with the mouse, keys or a phone."""

import json
import shutil
from pathlib import Path

import pytest

from orchestration.serving.report.blocks import Block, Page, read_layout
from orchestration.serving.report.content import to_json
from orchestration.serving.report.write import report_path, write_all
from tests.support.browser import open_page
from tests.support.reports import in_copy, largest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES = read_layout().pages
SHOW_ALL = """() => {
    for (const select of document.querySelectorAll("select")) {
        select.value = ""; select.dispatchEvent(new Event("change"));
    }
    for (const details of document.querySelectorAll("details")) details.open = true;
    for (const more of document.querySelectorAll("main button"))
        if (more.textContent === "Show all rows") more.click();
}"""
READ = """() => [...document.querySelectorAll("main > section")].map(section =>
    [...section.querySelectorAll("dl, tbody tr")].map(row =>
        [...row.querySelectorAll("dd, td")].map(cell => cell.dataset.value)))"""


@pytest.fixture(scope="module")
def serving(published_world, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "serving"
    shutil.copytree(published_world, folder, symlinks=True)
    write_all(folder)
    return folder


@pytest.fixture(scope="module")
def company(built_worlds) -> str:
    return largest(built_worlds[0])


@pytest.fixture(scope="module")
def company_with_calls(built_worlds) -> str:
    return min(row["company_id"] for row in built_worlds[0].rows("groups"))


@pytest.fixture(scope="module")
def address(serving, company) -> str:
    return report_path(serving, company).as_uri()


@pytest.fixture
def page(address):
    """The report opened; it fetched nothing and raised nothing when the test is over."""
    with open_page() as page:
        asked: list[str] = []
        errors: list[object] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(error))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(address)
        yield page
        assert not errors
        assert all(url.startswith("file:") for url in asked)


def slug(page: Page) -> str:
    return page.title.lower().replace(" ", "-")


@pytest.mark.parametrize("layout", PAGES, ids=slug)
def test_a_person_reads_the_figures_of_the_marts(
    page, serving, company, company_with_calls, layout
):
    company = company_with_calls if layout.needs else company
    page.goto(report_path(serving, company).as_uri() + "#" + slug(layout))
    page.get_by_role("heading", name=layout.title, exact=True).first.wait_for()
    page.evaluate(SHOW_ALL)
    page.wait_for_timeout(500)  # `details` tell that they were opened a little later
    shown = page.evaluate(READ)
    assert len(shown) == len(layout.blocks)
    for block, rows in zip(layout.blocks, shown, strict=True):
        assert_same(block, rows, json.loads(to_json(in_copy(serving, company, block.sql()))))


def assert_same(block: Block, shown: list[list[str]], expected: list[list]) -> None:
    changes = {figure.change for figure in getattr(block, "figures", [])} - {None}
    kept = [n for n, column in enumerate(block.wanted()) if column.column not in changes]
    assert len(shown) == (len(expected) or block.type == "figures"), block.title
    for cells, row in zip(shown, expected, strict=False):
        values = [row[number] for number in kept][: len(cells)]
        assert len(cells) >= len(kept) - 1, block.title  # the id behind a name is not shown
        for cell, value in zip(cells, values, strict=True):
            found = cell if isinstance(value, str) else json.loads(cell or "null")
            assert found == value, block.title


def test_charts_are_drawn_when_they_are_seen_and_when_printed(page):
    plots, drawn = page.locator(".plot"), page.locator(".plot:has(canvas)")
    assert plots.count() >= 6
    assert drawn.count() < plots.count(), "those below are not drawn yet"
    for plot in plots.all():
        plot.scroll_into_view_if_needed()
        plot.locator("canvas").first.wait_for()
    page.reload()
    page.pdf()
    assert drawn.count() == plots.count()


def test_a_name_from_outside_is_text(page, serving, company):
    page.get_by_role("link", name="Organizations", exact=True).click()
    page.get_by_label("Activity", exact=True).select_option("")
    shown = page.locator("tbody tr").count()
    assert shown == min(200, len(in_copy(serving, company, "select 1 from organizations")))
    assert page.get_by_text("broken in").count() == 1
    page.get_by_role("searchbox").fill("broken in")
    page.locator("tbody a").first.click()
    page.get_by_role("heading", name="What makes the score").wait_for()
    assert "broken in" not in page.evaluate("document.querySelector('h1').innerHTML")


@pytest.mark.parametrize("segment_or_band", ["health_band", "segment"])
def test_a_badge_opens_the_organizations_behind_its_figure(page, serving, company, segment_or_band):
    mart = "revenue_by_health" if segment_or_band == "health_band" else "revenue_health_matrix"
    expected = in_copy(serving, company, f"select {segment_or_band}, organizations from {mart}")
    assert sum(count for _, count in expected) > 0
    for value, count in expected:
        page.goto(page.url.partition("#")[0] + "#revenue")
        page.locator(f"td[data-value={value}] a[href*='{segment_or_band}={value}']").first.click()
        page.get_by_role("heading", name="Organizations", exact=True).first.wait_for()
        assert page.locator("tbody tr").count() == count, value


def test_the_keyboard_is_enough(page):
    page.goto(page.url + "#signals")
    page.reload()  # as if opened there
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the figures"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # the block's own words come first
    tip = page.get_by_role("tooltip")
    assert page.evaluate("document.activeElement.textContent") == "Organizations"
    assert "active signal" in tip.inner_text()
    page.keyboard.press("Escape")
    assert tip.is_hidden()

    page.get_by_role("link", name="Organizations", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("searchbox").wait_for()
    assert page.evaluate("document.activeElement.id") == "main", "the next Tab is on the new page"
    page.locator("tbody a[href^='#organization/']").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What makes the score").wait_for()
    assert page.evaluate("[document.activeElement.id, scrollY]") == ["main", 0]


def test_dark_and_light(page):
    def back() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = back()
    page.emulate_media(color_scheme="dark")
    dark = back()
    assert dark != light
    page.get_by_role("button", name="Dark or light").click()
    assert back() == light


def test_a_narrow_window_scrolls_down_only(page):
    page.set_viewport_size({"width": 360, "height": 740})
    for link in page.locator("nav a").all():
        link.click()
        page.get_by_role("heading", name=link.inner_text(), exact=True).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, link.inner_text()
