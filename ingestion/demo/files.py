"""The plan of event files: which days, in which form, with which columns, as of what time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ingestion.demo.events import APPLICATIONS, EventQuery
from ingestion.demo.profiles import DAILY_FILES, MAX_EVENTS_PER_FILE, Application, Size

_COMMON = "event, user_hash"
_ORGANIZATION = "sent_org_id as customer_org_id"
# Some senders write ids as JSON numbers; an id that is none stays text.
_NUMBER_OR_TEXT = (
    "coalesce(to_json(try_cast(sent_org_id as bigint)), to_json(sent_org_id)) as customer_org_id"
)
_RECEIVED_TEXT = (
    "strftime(make_timestamp(received_epoch * 1000000), '%Y-%m-%dT%H:%M:%SZ') as received_at"
)
_MESSAGE_ID = (
    "case when session_key % 10 < 7 then printf('msg-%016x', event_key) end as \"messageId\""
)
_PROPERTIES = (
    "case when event_key % 4 = 0 then struct_pack("
    "duration_ms := event_key % 5000,"
    " source := ['toolbar', 'menu', 'shortcut'][1 + (event_key % 3)::integer]"
    ") end as properties"
)

WEB = (
    f"printf('evt_%016x', event_key) as event_id, {_COMMON}, {_ORGANIZATION}, path, session_id,"
    f" ts_epoch, {_RECEIVED_TEXT}, environment, plan, {_PROPERTIES}"
)
MOBILE = f"{_MESSAGE_ID}, {_COMMON}, {_ORGANIZATION}, path, session_id, ts_epoch, environment"
MOBILE_BACKFILL = f"{MOBILE}, {_RECEIVED_TEXT}"
GLOBEX = (
    f"{_COMMON}, {_NUMBER_OR_TEXT}, path, ts_epoch, received_epoch as received_at,"
    " environment, plan"
)
GLOBEX_CSV = GLOBEX.replace(_NUMBER_OR_TEXT, _ORGANIZATION)
GLOBEX_BACKFILL = (
    f"{_COMMON}, {_NUMBER_OR_TEXT}, path, ts_epoch + 1 as received_at, environment, plan"
)


@dataclass(frozen=True)
class EventFile:
    """One event file to write. A re-export repeats events that other files hold."""

    query: EventQuery
    path: str
    ending: str
    modified_at: datetime
    is_reexport: bool = False


def plan_event_files(
    size: Size, events_on: Callable[[Application, date, date], int]
) -> list[EventFile]:
    """Every event file of the data set, in the order of application and day."""
    files: list[EventFile] = []
    for app in APPLICATIONS:
        daily_from = max(size.first_day, size.as_of - timedelta(days=DAILY_FILES))
        for month, (start, end) in enumerate(_months(size.first_day, daily_from)):
            pieces = -(-events_on(app, start, end) // MAX_EVENTS_PER_FILE) or 1
            step = -(-(end - start).days // pieces)
            for first in range(0, (end - start).days, step):
                piece = (start + timedelta(days=first), min(start + timedelta(first + step), end))
                files.append(_backfill(app, month, *piece))
        for offset in range((size.as_of - daily_from).days):
            files.append(_daily(app, daily_from + timedelta(days=offset)))
    files.extend(_reexports(size))
    return files


def _months(start: date, end: date) -> Iterator[tuple[date, date]]:
    while start < end:
        following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield start, min(following, end)
        start = following


def _backfill(app: Application, month: int, start: date, end: date) -> EventFile:
    columns = {"web": WEB, "mobile": MOBILE_BACKFILL, "app": GLOBEX_BACKFILL}[app.app_id]
    ending = "parquet" if app.app_id == "mobile" and month == 0 else "jsonl.zst"
    name = f"{app.app_id}-{start}_{end - timedelta(days=1)}.{ending}"
    return EventFile(
        query=EventQuery(app, start, end, columns),
        path=f"{app.folder}/backfill/{name}",
        ending=ending,
        modified_at=datetime.combine(end, time(2, 0)),
    )


def _daily(app: Application, day: date) -> EventFile:
    turn = day.toordinal() % 7
    columns, ending = {"web": WEB, "mobile": MOBILE, "app": GLOBEX}[app.app_id], "jsonl.gz"
    if app.app_id == "web" and turn == 2:
        ending = "ndjson"
    elif app.app_id == "mobile" and turn in (3, 5):
        ending = "csv" if turn == 3 else "parquet"
    elif app.app_id == "app" and turn in (1, 4):
        ending = "csv.gz" if turn == 1 else "jsonl.zst"
        columns = GLOBEX_CSV if turn == 1 else GLOBEX
    return EventFile(
        query=EventQuery(app, day, day + timedelta(days=1), columns),
        path=f"{app.folder}/{day:%Y/%m}/{app.app_id}-{day}.{ending}",
        ending=ending,
        modified_at=datetime.combine(day + timedelta(days=1), time(0, 10)),
    )


def _reexports(size: Size) -> Iterator[EventFile]:
    """Days that arrive again: with sender's ids (web), and without any (globex)."""
    for app, columns, before, length in (
        (APPLICATIONS[0], WEB, 20, 3),
        (APPLICATIONS[2], GLOBEX, 15, 2),
    ):
        start = max(size.first_day, size.as_of - timedelta(days=before))
        end = min(start + timedelta(days=length), size.as_of)
        yield EventFile(
            query=EventQuery(app, start, end, columns),
            path=f"{app.folder}/reexport/{app.app_id}-{start}_{end - timedelta(days=1)}.jsonl.gz",
            ending="jsonl.gz",
            modified_at=datetime.combine(max(end, size.as_of - timedelta(days=2)), time(9, 30)),
            is_reexport=True,
        )
