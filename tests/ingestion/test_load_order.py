"""The order of loads is the order in which they came, whatever the clock says."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from dlt.common import time as dlt_time

from tests.ingestion.event_cases import HASH
from tests.ingestion.place import MODIFIED, Place

PATH = "acme/apps/web/events/a.csv"
LATER = 4_102_444_800.0  # 2100-01-01


def csv(event: str) -> str:
    return f"event,user_hash,customer_org_id\n{event},{HASH},org\n"


@pytest.fixture
def new_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """dlt's memory of the highest time, as a process has it that starts now."""
    before = dlt_time.increasing_precise_time._last
    yield
    dlt_time.increasing_precise_time._last = before


@pytest.mark.usefixtures("new_process")
def test_a_clock_that_steps_back_changes_no_order(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write(PATH, csv("one"))
    with monkeypatch.context() as clock:
        clock.setattr(dlt_time, "precise_time", lambda: LATER)
        place.load()
    loads = [LATER]
    for event, day in (("two", 1), ("six", 2)):
        dlt_time.increasing_precise_time._last = dlt_time.precise_time()
        place.write(PATH, csv(event), MODIFIED + timedelta(days=day))
        assert place.load().rows_accepted == 1
        loads.append(float(place.query("select max(load_id) from raw.loaded_files")[0][0]))
    assert loads == sorted(set(loads))
    in_order = place.query(
        "select rows_read from raw._dlt_loads inner join raw.loaded_files"
        " using (load_id) order by load_id"
    )
    assert len(in_order) == 3

    # A manifest that took the oldest for the newest would load the file every time.
    dlt_time.increasing_precise_time._last = dlt_time.precise_time()
    assert place.load().files == 0
    assert place.load(full_scan=True).files == 0
    assert len(place.rows("loaded_files")) == 3
