"""The same events whatever the order and the grouping in which generated files arrive."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingestion.event_cases import HASH
from tests.ingestion.identity_oracle import DumpFile
from tests.ingestion.identity_places import TEN, assert_events, write
from tests.ingestion.place import MODIFIED, Place

_MOMENTS = st.sampled_from([TEN, TEN + timedelta(seconds=1), TEN - timedelta(days=2)])
# Few values each, so that rows often are the same or nearly.
_ROWS = st.fixed_dictionaries(
    {
        "event": st.just("a"),
        "user_hash": st.just(HASH),
        "customer_org_id": st.sampled_from(["1", 1, 1.0, " 1 "]),
    },
    optional={
        "ts_epoch": st.sampled_from([1_714_557_600, "1714557600", 1714557600.0, ""]),
        "received_at": _MOMENTS,
        "event_id": st.sampled_from(["id-1", "id-2", ""]),
        "environment": st.sampled_from(["", "production"]),
        "properties": st.sampled_from([{}, {"a": 1}]),
    },
)
_FILES = st.builds(
    DumpFile,
    company_id=st.sampled_from(["acme", "dmy-co"]),
    app_id=st.just("web"),
    modified=st.sampled_from([MODIFIED, MODIFIED + timedelta(hours=1)]),
    rows=st.lists(_ROWS, min_size=1, max_size=5).map(tuple),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.lists(_FILES, min_size=1, max_size=5))
def test_events_do_not_depend_on_order_or_grouping(
    data: st.DataObject, files: list[DumpFile]
) -> None:
    order = data.draw(st.permutations(range(len(files))), "order of arrival")
    breaks = data.draw(st.lists(st.booleans(), min_size=len(files), max_size=len(files)), "loads")
    with TemporaryDirectory() as folder:
        place = Place(Path(folder) / "place")
        for number, is_load in zip(order, breaks, strict=True):
            write(place, number, files[number])
            if is_load:
                place.quick_load()
        place.quick_load()
        assert_events(place, files)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_FILES, min_size=1, max_size=3))
def test_events_sent_again_in_other_files_are_duplicates(files: list[DumpFile]) -> None:
    with TemporaryDirectory() as folder:
        place = Place(Path(folder) / "place")
        for number, file in enumerate([*files, *files]):
            write(place, number, file)
        place.quick_load()
        again = [DumpFile(f.company_id, f.app_id, f.modified, f.rows) for f in files]
        for number, file in enumerate(again, 100):
            write(place, number, file)
        place.quick_load()
        assert_events(place, [*files, *files, *again])
