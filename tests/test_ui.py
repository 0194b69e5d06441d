"""The Dagster UI and the report in a browser. ``UPDATE_SCREENSHOTS=1`` takes the pictures again."""

import os
import re
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT
from orchestration.serving.report.write import report_path
from tests.support.browser import open_page
from tests.support.dagster_server import Place, dagster_dev, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SCREENSHOTS = PROJECT_ROOT / "docs" / "screenshots"
PATIENCE = 180_000  # milliseconds: the machine may be busy with other things


@pytest.fixture
def page():
    with open_page() as page:
        page.set_default_timeout(PATIENCE)
        yield page


def shoot(page, name: str, height: int = 800) -> None:
    """Keep the page (its upper part) for the documentation, where that is asked for."""
    if os.environ.get("UPDATE_SCREENSHOTS"):
        page.wait_for_timeout(3000)  # the graph is laid out and drawn in steps
        SCREENSHOTS.mkdir(exist_ok=True)
        part = {"x": 0, "y": 0, "width": 1280, "height": height}
        page.screenshot(path=SCREENSHOTS / f"{name}.png", clip=part)


def test_a_run_is_started_from_the_graph_and_its_checks_are_seen(tmp_path: Path, page):
    place = Place(tmp_path)
    place.generate()
    with dagster_dev(place) as server, place.instance() as instance:
        page.goto(f"{server.url}/asset-groups")
        for group in ("raw", "reference", "staging", "intermediate", "marts_signals", "serving"):
            page.get_by_text(group, exact=True).first.wait_for()

        page.get_by_role("button").filter(has_text=re.compile(r"Materialize all")).click()
        run = wait_for(lambda: instance.get_runs(limit=1), 180)[0]
        page.goto(f"{server.url}/runs/{run.run_id}")
        page.get_by_text("Success", exact=True).first.wait_for(timeout=900_000)
        assert server.status(run.run_id) == "SUCCESS"
        shoot(page, "run", height=310)  # the log below names folders of this machine

        page.goto(f"{server.url}/assets/raw/events?view=checks")
        page.get_by_text("events_are_plausible").first.wait_for()
        page.get_by_text("Passed", exact=True).first.wait_for()
        shoot(page, "checks")

        page.goto(f"{server.url}/assets/raw/events?view=events")
        page.get_by_text("rows accepted").first.wait_for()
        shoot(page, "load-figures")

        page.goto(f"{server.url}/assets/marts/signals")
        page.locator("a").filter(has_text="in editor").first.wait_for()
        page.get_by_text("data-engineering").first.wait_for()
        shoot(page, "table")

        page.goto(f"{server.url}/assets/marts/signals?view=lineage")
        page.get_by_text("published", exact=True).first.wait_for()
        shoot(page, "lineage")

        page.goto(f"{server.url}/assets/marts/signals?view=events")
        page.get_by_text("where columns come from").first.wait_for()
        page.get_by_text("marts.signal_episodes.opened_on").first.scroll_into_view_if_needed()
        shoot(page, "column-lineage")

        page.goto(f"{server.url}/asset-groups")
        page.get_by_text("marts_signals", exact=True).first.wait_for()
        shoot(page, "graph")

        page.goto(f"{server.url}/locations/saas_tracker/jobs/rebuild/playground")
        page.get_by_text("Launch Run").first.wait_for()
        shoot(page, "rebuild")


def test_the_pages_of_a_company_are_looked_through(tmp_path: Path, page):
    place = Place(tmp_path)
    place.call("saas-tracker", "demo", "run")
    look_through(page, place.serving)


def look_through(page, serving: Path) -> None:
    """Pages of the report, one of them of a company that sends calls, and an organization's."""
    acme, globex = (report_path(serving, name).as_uri() for name in ("acme", "globex"))
    pages = dict.fromkeys(("revenue", "signals", "usage", "health"), acme)
    for name, address in (pages | {"tracking": globex}).items():
        page.goto(f"{address}#{name}")
        page.get_by_role("heading", name=name.capitalize(), exact=True).first.wait_for()
        shoot(page, f"report-{name}")
    page.goto(f"{acme}#signals")
    page.locator("tbody a[href^='#organization/']").first.click()
    page.get_by_role("heading", name="What makes the score").wait_for()
    shoot(page, "report-organization")
