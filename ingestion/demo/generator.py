"""``generate``: writes the whole landing folder of the demo."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ingestion.demo.billing import build_subscriptions
from ingestion.demo.calls import write_calls
from ingestion.demo.events import APPLICATIONS, EventQuery, EventStore
from ingestion.demo.files import WEB, EventFile, plan_event_files
from ingestion.demo.imports import write_imports
from ingestion.demo.oddities import write_oddities
from ingestion.demo.organizations import build_organizations
from ingestion.demo.profiles import DEFAULT_DAYS, DEFAULT_EVENTS, DEFAULT_ORGANIZATIONS, Size
from ingestion.demo.writer import LandingWriter, Progress

_SAMPLE_ROWS = 5


@dataclass(frozen=True)
class DemoSummary:
    """What was generated. ``events`` are distinct flat events; re-exported and broken rows and
    vendors' ``calls`` come on top."""

    landing: str
    as_of: str
    first_day: str
    companies: int
    organizations: int
    subscriptions: int
    events: int
    reexported_rows: int
    broken_rows: int
    calls: int
    files: int
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, for ``--json``."""
        return asdict(self)


def generate(
    landing: Path,
    *,
    organizations: int | None = None,
    days: int | None = None,
    events: int | None = None,
    seed: int = 1,
    as_of: date,
    progress: Progress | None = None,
    threads: int | None = None,
) -> DemoSummary:
    """Write the demo data set to ``landing``; events end on the day before ``as_of``.

    Files of an earlier generation in the same folder are replaced, other files are left alone.
    ``progress`` gets (events written, events in all, file). ``threads`` changes the speed only.
    Raises ``DemoError`` where a size is impossible or a file that is not demo data is in the way.
    """
    size = Size(
        organizations=DEFAULT_ORGANIZATIONS if organizations is None else organizations,
        days=DEFAULT_DAYS if days is None else days,
        events=DEFAULT_EVENTS if events is None else events,
        seed=seed,
        as_of=as_of,
    )
    threads = threads or os.cpu_count() or 1
    customers = build_organizations(size)
    subscriptions = build_subscriptions(size, customers)
    writer = LandingWriter(landing)
    write_imports(writer, size, customers, subscriptions)
    calls = write_calls(writer, size, customers, subscriptions)
    store = EventStore(size, customers, threads)
    try:
        files = plan_event_files(size, store.events_on)
        written = _write_events(writer, store, files, min(threads, 4), progress)
        day = size.as_of - timedelta(days=min(5, size.days))
        web = EventQuery(APPLICATIONS[0], day, day + timedelta(days=1), WEB)
        broken = write_oddities(writer, size, store.sample(web, _SAMPLE_ROWS))
    finally:
        store.close()
    writer.finish()
    return DemoSummary(
        landing=str(landing),
        as_of=as_of.isoformat(),
        first_day=size.first_day.isoformat(),
        companies=len({org.company_id for org in customers}),
        organizations=len(customers),
        subscriptions=len(subscriptions),
        events=sum(rows for file, rows in written if not file.is_reexport),
        reexported_rows=sum(rows for file, rows in written if file.is_reexport),
        broken_rows=broken,
        calls=calls,
        files=len(writer.files),
        bytes=writer.bytes,
    )


def _write_events(
    writer: LandingWriter,
    store: EventStore,
    files: list[EventFile],
    workers: int,
    progress: Progress | None,
) -> list[tuple[EventFile, int]]:
    # Several files at once because a compressed file is written by one thread.
    def write(file: EventFile) -> tuple[EventFile, int]:
        with writer.open_part(file.path, file.modified_at) as part:
            return file, store.copy(file.query, part, file.ending)

    written: list[tuple[EventFile, int]] = []
    report: Callable[[int, int, str], None] = progress or (lambda done, total, what: None)
    done = 0
    with ThreadPoolExecutor(workers) as pool:
        for file, rows in pool.map(write, files):
            written.append((file, rows))
            done += 0 if file.is_reexport else rows
            report(done, store.total_events, file.path)
    return written
