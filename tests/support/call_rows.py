"""Rows of ``raw.calls`` as the definitions make them of files, for worlds without a load."""

import json
from datetime import datetime
from typing import Any

from tests.oracle.calls.reading import Call, CallFile, CallReader, calls_of
from tests.oracle.calls.values import sha256
from tests.oracle.inputs import read_seeds
from tests.support import raw_warehouse as raw
from tests.support.company_rows import CompanyRows
from tests.support.dbt_runner import PROJECT_ROOT

Row = dict[str, Any]
JSON_COLUMNS = ("groups", "traits", "properties")
FILE_TIME = datetime(2029, 1, 1)


def lines(*objects: Any) -> tuple[str, ...]:
    return tuple(json.dumps(value) for value in objects)


def call_file(
    objects: list[Any],
    path: str = "calls.jsonl",
    company_id: str = "acme",
    app_id: str = "web",
    modified: datetime = FILE_TIME,
) -> CallFile:
    return CallFile(company_id, app_id, path, lines(*objects), modified)


def add_calls(company: CompanyRows, *files: CallFile) -> None:
    """Give the company the rows of these files, as a load of them would."""
    seeds = read_seeds(PROJECT_ROOT / "seeds")
    for table, rows in company.seeds.items():
        seeds[table] = seeds.get(table, []) + rows
    applications = {row["app_id"]: row for row in company.seeds["applications"]}
    read = []
    for file in files:
        accepted, rejected, _ = CallReader(applications[file.app_id], seeds).read(file)
        if rejected:
            raise ValueError(f"the story has calls that no load accepts: {rejected}")
        read.append(accepted)
    for (_, _, _, _, occurrence), call in calls_of(read).items():
        company.raw["calls"].append(stored_row(call, occurrence))


def stored_row(call: Call, occurrence: int) -> Row:
    content_hash = sha256(repr(call.content))
    return {
        **call.row,
        **{name: stored_json(call.row[name]) for name in JSON_COLUMNS},
        "call_id": call.sender_id or sha256(f"{content_hash}{occurrence}"),
        "content_hash": content_hash,
        "occurred_at": call.sent_at or call.received_at,
        "is_time_sent": call.sent_at is not None,
        "received_at": call.received_at,
        "source_path": "calls.jsonl",
        "line_number": 1,
        "item_number": None,
        "loaded_at": raw.LOADED_AT,
        "_dlt_load_id": raw.LOAD_ID,
    }


def stored_json(value: Any) -> str | None:
    if value is None:
        return None
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
