"""The data that is measured: made once per size, kept in the cache folder."""

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import pyarrow as pa

from benchmarks.call_shapes import SHAPES, tree
from ingestion.demo.billing import build_subscriptions
from ingestion.demo.events import APPLICATIONS, EventQuery, EventStore
from ingestion.demo.imports import write_imports
from ingestion.demo.oddities import broken_lines
from ingestion.demo.organizations import build_organizations
from ingestion.demo.profiles import COMPANIES, Application, Size
from ingestion.demo.writer import MANIFEST, LandingWriter
from ingestion.settings import PROJECT_ROOT

DAYS = 180
ORGANIZATIONS = 2_000
AS_OF = date(2026, 6, 30)
"""D of the first run: the day of the newest events. The day after comes as "one more day"."""

NEXT_DAY = AS_OF + timedelta(days=1)
LATE_EVENTS = 1_000
LATE_DAYS = 90
_UNCOMPRESSED_EVENTS = 10_000_000
_BLOCK_BYTES = 4 << 20
# Short lines: 100 million take 27 GB.
_RECEIVED = {
    "jsonl": "received_epoch as received_at",
    "parquet": "make_timestamp(received_epoch * 1000000) as received_at",
}
_COLUMNS = (
    "{event_id}event, user_hash, sent_org_id as customer_org_id, path, {session_id}ts_epoch,"
    " {received}, environment"
)
_COMPLETE = "complete-2"
_CALLS_COMPLETE = "complete-3"
"""Mark what is whole; another number when the data changes."""


@dataclass(frozen=True)
class Data:
    """One size on disk. ``landing`` holds all days up to D; the others are to be added to it."""

    events: int
    folder: Path

    @property
    def ending(self) -> str:
        """That of the event files. Large sizes are compressed: read from a disk they measure it."""
        return "jsonl" if self.events <= _UNCOMPRESSED_EVENTS else "jsonl.zst"

    @property
    def landing(self) -> Path:
        """The landing zone of the first run, as NDJSON."""
        return self.folder / "landing"

    @property
    def parquet(self) -> Path:
        """The same landing zone with its event files as Parquet."""
        return self.folder / "parquet"

    @property
    def next_day(self) -> Path:
        """The files of the day after D."""
        return self.folder / "next_day"

    @property
    def late(self) -> Path:
        """A file of events that occurred ninety days before D."""
        return self.folder / "late"


def cache_folder() -> Path:
    """Where data and results in work lie; ``SAAS_TRACKER_BENCH_DIR`` moves it."""
    return Path(os.environ.get("SAAS_TRACKER_BENCH_DIR") or PROJECT_ROOT / ".bench")


def prepare(events: int, *, parquet: bool = False) -> Data:
    """The data of a size; made if it is not there yet."""
    data = Data(events, cache_folder() / f"{events}-events")
    if not (data.folder / _COMPLETE).exists():
        shutil.rmtree(data.folder, ignore_errors=True)
        _generate(data)
        (data.folder / _COMPLETE).touch()
    if parquet and not (data.parquet / _COMPLETE).exists():
        shutil.rmtree(data.parquet, ignore_errors=True)
        _write_events(data, data.parquet, NEXT_DAY, "parquet")
        (data.parquet / _COMPLETE).touch()
    return data


def prepare_calls(data: Data, vendors: Sequence[str]) -> Path:
    """A landing zone with the same imports, and the events as calls: each day of one vendor.

    One file more defines all groups before the first event.
    """
    landing = data.folder / "-".join(vendors)
    if not (landing / _CALLS_COMPLETE).exists():
        shutil.rmtree(landing, ignore_errors=True)
        for company in COMPANIES:
            imports = f"{company.company_id}/imports"
            add_files(data.landing / imports, landing / imports)

        def spelled(app: Application, day: date) -> tuple[str, str]:
            vendor = vendors[day.toordinal() % len(vendors)]
            return f"{app.company_id}/apps/{app.app_id}/calls/{vendor}", SHAPES[vendor]

        files = _files(_size(data.events).first_day, NEXT_DAY)
        _write(data, landing, files, data.ending, spelled)
        _write_groups(data, landing)
        (landing / _CALLS_COMPLETE).touch()
    return landing


def add_files(source: Path, landing: Path) -> None:
    """Put files into a landing zone as they are: as links, for they may be large."""
    shutil.copytree(
        source,
        landing,
        copy_function=os.link,
        ignore=shutil.ignore_patterns(MANIFEST),
        dirs_exist_ok=True,
    )


def read_all(folder: Path) -> None:
    """Read every file: then what is measured next has them in memory, not on a disk."""
    for file in folder.rglob("*.*"):
        with file.open("rb") as stream:
            while stream.read(_BLOCK_BYTES):
                pass


def _generate(data: Data) -> None:
    size, ending = _size(data.events), data.ending
    writer = LandingWriter(data.landing)
    customers = build_organizations(size)
    write_imports(writer, size, customers, build_subscriptions(size, customers))
    _write_events(data, data.landing, NEXT_DAY, ending)
    _write_events(data, data.next_day, NEXT_DAY + timedelta(days=1), ending, first=NEXT_DAY)
    _write_rejects(writer)
    _write_late_file(data)


def _size(events: int) -> Size:
    days = DAYS + 1
    return Size(ORGANIZATIONS, days, events * days // DAYS, 1, NEXT_DAY + timedelta(days=1))


def _write_events(
    data: Data, landing: Path, end: date, ending: str, first: date | None = None
) -> None:
    files = _files(first or _size(data.events).first_day, end)
    _write(data, landing, files, ending, lambda app, _day: (app.folder, _columns(app, ending)))


def _write(
    data: Data,
    landing: Path,
    files: Iterator[tuple[Application, date, str]],
    ending: str,
    spelled: Callable[[Application, date], tuple[str, str]],
) -> None:
    """One file per application and day; ``spelled`` gives its folder and its columns."""
    size = _size(data.events)
    writer = LandingWriter(landing)
    store = EventStore(size, build_organizations(size), os.cpu_count() or 1)

    def write(file: tuple[Application, date, str]) -> None:
        app, day, suffix = file
        folder, columns = spelled(app, day)
        path = f"{folder}/{day:%Y/%m}/{app.app_id}-{day}{suffix}.{ending}"
        modified_at = datetime.combine(day + timedelta(days=1), time(0, 10))
        query = EventQuery(app, day, day + timedelta(days=1), columns)
        with writer.open_part(path, modified_at) as part:
            store.copy(query, part, ending)

    try:
        # Two files at once bound memory: a day of 100 million events has half a million.
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(write, files))
    finally:
        store.close()


def _write_groups(data: Data, landing: Path) -> None:
    size, writer = _size(data.events), LandingWriter(landing)
    moment = datetime.combine(size.first_day, time())
    for app in (company.applications[0] for company in COMPANIES):
        calls = [
            json.dumps({**call, "timestamp": f"{moment.isoformat()}Z"})
            for customer in build_organizations(size)
            if customer.company_id == app.company_id
            for call in tree(customer.sent_org_id)
        ]
        path = f"{app.company_id}/apps/{app.app_id}/calls/segment/groups.jsonl"
        writer.write(path, "\n".join(calls).encode(), moment)


def _files(first: date, end: date) -> Iterator[tuple[Application, date, str]]:
    """Application, day, suffix; two days of one application are sent again (about 1 %)."""
    for app in APPLICATIONS:
        for offset in range((end - first).days):
            yield app, first + timedelta(days=offset), ""
    if first < AS_OF:
        for days_before in (20, 19):
            yield APPLICATIONS[0], AS_OF - timedelta(days=days_before), "-again"


def _columns(app: Application, ending: str) -> str:
    # One company sends neither ids of events nor of sessions.
    has_ids = app.company_id == "acme"
    return _COLUMNS.format(
        event_id="printf('%016x', event_key) as event_id, " if has_ids else "",
        session_id="session_id, " if has_ids else "",
        received=_RECEIVED[ending.partition(".")[0]],
    )


def _write_rejects(writer: LandingWriter) -> None:
    app, day = APPLICATIONS[0], AS_OF - timedelta(days=5)
    received = datetime.combine(day, time(3, 0))
    lines = [line for _, line in broken_lines(int(received.timestamp()))]
    path = f"{app.folder}/{day:%Y/%m}/{app.app_id}-{day}-broken.jsonl"
    writer.write(path, b"\n".join(lines) + b"\n", received)


def _write_late_file(data: Data) -> None:
    """Events of one day once more, under other ids: as if they had been held back."""
    app, day = APPLICATIONS[0], AS_OF - timedelta(days=LATE_DAYS)
    name = f"{app.folder}/{day:%Y/%m}/{app.app_id}-{day}"
    target = data.late / f"{name}-held-back.jsonl"
    target.parent.mkdir(parents=True)
    source = data.landing / f"{name}.{data.ending}"
    with pa.input_stream(str(source)) as stream, target.open("w") as late:
        for line in islice(io.TextIOWrapper(stream), LATE_EVENTS):
            row = json.loads(line)
            late.write(json.dumps({**row, "event_id": f"late-{row['event_id']}"}) + "\n")
