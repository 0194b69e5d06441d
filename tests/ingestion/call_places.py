"""Files of calls in a place, and what it holds after loading them, beside the oracle's rows."""

import json
import shutil
from collections import Counter
from datetime import datetime
from typing import Any

from tests.ingestion.place import Place
from tests.oracle.calls.reading import CallFile, CallReader, Rejected, calls_of
from tests.oracle.inputs import read_seeds
from tests.support.dbt_runner import PROJECT_ROOT

_JSON = ("groups", "traits", "properties")
_PLAIN = (
    *("vendor", "kind", "is_automatic", "user_hash", "anonymous_hash", "previous_hash"),
    *("is_merge", "user_id", "event", "account_id", "path", "session_id", "environment"),
)
Stored = tuple[Any, ...]


def give_reference_data(place: Place) -> None:
    """The project's own group types and traits."""
    for name in ("group_types.csv", "trait_plan.csv"):
        shutil.copy(PROJECT_ROOT / "seeds" / name, place.settings.seeds / name)


def write(place: Place, file: CallFile) -> str:
    path = f"{file.company_id}/apps/{file.app_id}/calls/{file.path}"
    place.write(path, "\n".join(file.lines), file.modified)
    return path


def read_all(place: Place, files: list[CallFile]) -> tuple[Counter[Stored], list[Rejected], int]:
    """What the definitions make of the files: calls, rejected calls, and how many there are."""
    seeds = read_seeds(place.settings.seeds)
    readers = {
        (row["company_id"], row["app_id"]): CallReader(row, seeds) for row in seeds["applications"]
    }
    read, rejected, total = [], [], 0
    for file in files:
        calls, wrong, count = readers[file.company_id, file.app_id].read(file)
        read.append(calls)
        rejected += wrong
        total += count
    expected = Counter(
        (
            company_id,
            app_id,
            sender_id,
            _canonical(call.row),
            call.sent_at or call.received_at,
            call.received_at,
        )
        for (company_id, app_id, sender_id, _, _), call in calls_of(read).items()
    )
    return expected, rejected, total


def stored_calls(place: Place, sender_ids: set[str | None]) -> Counter[Stored]:
    """What the warehouse holds; of a call without a sender's id the id is left out."""
    receipts: dict[tuple, list[datetime]] = {}
    for row in place.records("call_receipts"):
        receipts.setdefault(_identity(row), []).append(row["received_at"])
    found: Counter[Stored] = Counter()
    for row in place.records("calls"):
        received_at = min([row["received_at"], *receipts.get(_identity(row), [])])
        call_id = row["call_id"]
        values = {**row, **{name: row[name] and json.loads(row[name]) for name in _JSON}}
        found[
            row["company_id"],
            row["app_id"],
            call_id if call_id in sender_ids else None,
            _canonical(values),
            row["occurred_at"] if row["is_time_sent"] else received_at,
            received_at,
        ] += 1
    return found


def assert_calls(place: Place, files: list[CallFile]) -> None:
    expected, rejected, total = read_all(place, files)
    sender_ids = {sender_id for _, _, sender_id, *_ in expected}
    stored = stored_calls(place, sender_ids)
    assert stored == expected, {"missing": expected - stored, "too many": stored - expected}
    figures = place.query(
        "select sum(rows_read), sum(rows_accepted), sum(rows_rejected), sum(rows_duplicate)"
        " from raw.loaded_files where kind = 'calls'"
    )
    [(read, accepted, refused, duplicate)] = figures
    assert (read, refused) == (total, len(rejected))
    assert (accepted, accepted + refused + duplicate) == (len(place.records("calls")), read)


def rejects(place: Place, path: str) -> list[tuple[int, int | None, str]]:
    """Line, item and reasons of a file's quarantined calls."""
    return place.query(
        "select line_number, item_number, reasons from raw.rejected_rows"
        " where path = ? and source = 'calls' order by line_number, item_number",
        [path],
    )


def _identity(row: dict[str, Any]) -> tuple:
    return tuple(row[name] for name in ("company_id", "app_id", "call_id", "content_hash"))


def _canonical(row: dict[str, Any]) -> tuple:
    return (
        *(row[name] for name in _PLAIN),
        *(None if row[name] is None else json.dumps(row[name], sort_keys=True) for name in _JSON),
    )
