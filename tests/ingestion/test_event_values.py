"""What an accepted event holds: its values after normalization."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

from tests.ingestion.event_cases import GOOD, HASH
from tests.ingestion.place import MODIFIED, NOW_STORED, Place, csv_text, parquet_bytes

EVENTS = "acme/apps/web/events"
TEN = datetime(2024, 5, 1, 10, 0, 0)

# Field, value as sent, column, value as stored.
JSON_VALUES = (
    ("customer_org_id", 42, "customer_org_id", "42"),
    ("customer_org_id", 42.0, "customer_org_id", "42"),
    ("customer_org_id", 42.5, "customer_org_id", "42.5"),
    ("customer_org_id", -7, "customer_org_id", "-7"),
    ("customer_org_id", 0, "customer_org_id", "0"),
    ("customer_org_id", 12345678901234567890123, "customer_org_id", "12345678901234567890123"),
    ("customer_org_id", "42.0", "customer_org_id", "42.0"),
    ("customer_org_id", "  Org \u00a0", "customer_org_id", "Org"),
    ("customer_org_id", "Ünï; 'c\"ö\\", "customer_org_id", "Ünï; 'c\"ö\\"),
    ("customer_org_id", "inner  spaces", "customer_org_id", "inner  spaces"),
    ("customer_org_id", "nan", "customer_org_id", "nan"),
    ("customer_org_id", "NULL", "customer_org_id", "NULL"),
    ("event", " Login ", "event", " Login "),
    ("event", "🎉'; drop table events; --", "event", "🎉'; drop table events; --"),
    ("event", "a\nb\tc", "event", "a\nb\tc"),
    ("event", "a\x00b", "event", "a\x00b"),
    ("event", "null", "event", "null"),
    ("path", "/Home?q=1#x", "path", "/Home?q=1#x"),
    ("path", "", "path", None),
    ("session_id", " s ", "session_id", " s "),
    ("session_id", "", "session_id", None),
    ("plan", "", "plan", None),
    ("plan", " pro", "plan", " pro"),
    ("environment", "staging", "environment", "staging"),
    ("environment", "", "environment", "production"),
    ("environment", None, "environment", "production"),
    ("environment", "Production", "environment", "Production"),
    ("ts_epoch", 1714557600.0, "ts_epoch", 1714557600),
    ("ts_epoch", "1714557600", "ts_epoch", 1714557600),
    ("ts_epoch", "", "ts_epoch", None),
    ("ts_epoch", 0, "ts_epoch", 0),
    ("event_id", "id'1;\"🎉", "event_id", "id'1;\"🎉"),
    ("event_id", " padded ", "event_id", " padded "),
    ("message_id", "m-1", "event_id", "m-1"),
    ("messageId", "m-2", "event_id", "m-2"),
    ("properties", {"b": 1, "a": "é"}, "properties", '{"b":1,"a":"é"}'),
    (
        "properties",
        {"x": 1.0, "n": None, "l": [True]},
        "properties",
        '{"x":1.0,"n":null,"l":[true]}',
    ),
    ("properties", {}, "properties", "{}"),
    ("properties", "", "properties", None),
    ("received_at", "2024-05-01T10:00:00Z", "received_at", TEN),
    ("received_at", "2024-05-01T10:00:00", "received_at", TEN),
    ("received_at", "2024-05-01 10:00:00", "received_at", TEN),
    ("received_at", "2024-05-01T12:00:00+02:00", "received_at", TEN),
    ("received_at", "2024-05-01T12:00:00+0200", "received_at", TEN),
    ("received_at", "2024-05-01T12:00+02", "received_at", TEN),
    ("received_at", "2024-05-01T04:30:00-05:30", "received_at", TEN),
    ("received_at", "20240501T100000Z", "received_at", TEN),
    ("received_at", "2024-05-01T10:00Z", "received_at", TEN),
    ("received_at", "2024-05-01", "received_at", TEN.replace(hour=0)),
    ("received_at", "2024-05-01T10:00:00.25Z", "received_at", TEN.replace(microsecond=250_000)),
    (
        "received_at",
        "2024-05-01T10:00:00.123456789Z",
        "received_at",
        TEN.replace(microsecond=123_456),
    ),
    ("received_at", 1714557600, "received_at", TEN),
    ("received_at", 1714557600.25, "received_at", TEN.replace(microsecond=250_000)),
    ("received_at", "1714557600", "received_at", TEN),
    ("received_at", "", "received_at", MODIFIED),
    ("received_at", None, "received_at", MODIFIED),
)


def line(**fields: Any) -> str:
    return json.dumps({**GOOD, **fields})


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    place = module_place
    values = [
        line(**{"user_hash": f"{number:064}", field: sent})
        for number, (field, sent, _, _) in enumerate(JSON_VALUES)
    ]
    place.write(f"{EVENTS}/values.jsonl", "\n".join(values))
    place.write(
        f"{EVENTS}/cells.csv",
        csv_text(
            [" Event ", "USER_HASH", "Customer_Org_ID", "messageid", "properties", "plan", "junk"],
            [
                [" e1 ", HASH, " org ", "id-1", '{ "a" : [1, 2] }', " p ", "junk"],
                ["e;2", HASH, 'o"r,g', "", "", "cells", "junk"],
                ["e3", HASH, "line\nbreak", "id-3", "", "cells", "junk"],
            ],
        ),
    )
    zone = timezone(timedelta(hours=2))
    table = pa.table(
        {
            "event": pa.array(["p1", "p2"]).dictionary_encode(),
            "user_hash": pa.array([HASH, HASH], pa.large_string()),
            "customer_org_id": pa.array([42.0, 7.0]),
            "ts_epoch": pa.array([1714557600, None], pa.int64()),
            "received_at": pa.array(
                [datetime(2024, 5, 1, 12, tzinfo=zone), None], pa.timestamp("ms", "UTC")
            ),
            "message_id": pa.array(["pq-1", "pq-2"]),
            "properties": pa.array([{"a": 1}, None], pa.struct([("a", pa.int64())])),
            "environment": pa.array(["", None]),
        }
    )
    place.write(f"{EVENTS}/typed.parquet", parquet_bytes(table))
    place.load()
    return place


@pytest.mark.parametrize(
    "number", range(len(JSON_VALUES)), ids=lambda n: repr(JSON_VALUES[n][:2])[:60]
)
def test_value_is_stored_normalized(loaded: Place, number: int) -> None:
    _, _, column, stored = JSON_VALUES[number]
    assert number + 1 not in loaded.rejects(f"{EVENTS}/values.jsonl")
    found = loaded.rows("events", column, f"user_hash = '{number:064}'")
    assert found == [(stored,)]


def test_cells_of_a_csv_dump_are_not_trimmed_but_the_organization(loaded: Place) -> None:
    rows = loaded.records("events", f"source_path = '{EVENTS}/cells.csv'")
    found = [
        (row["line_number"], row["event"], row["customer_org_id"], row["plan"], row["properties"])
        for row in sorted(rows, key=lambda row: row["line_number"])
    ]
    assert found == [
        (2, " e1 ", "org", " p ", '{"a":[1,2]}'),
        (3, "e;2", 'o"r,g', "cells", None),
        (4, "e3", "line\nbreak", "cells", None),
    ]
    assert {row["event_id"] for row in rows} >= {"id-1", "id-3"}


def test_typed_columns_of_parquet_are_read_as_what_they_are(loaded: Place) -> None:
    rows = {row["event_id"]: row for row in loaded.records("events", "event in ('p1', 'p2')")}
    first, second = rows["pq-1"], rows["pq-2"]
    assert (first["customer_org_id"], second["customer_org_id"]) == ("42", "7")
    assert (first["ts_epoch"], second["ts_epoch"]) == (1714557600, None)
    assert (first["received_at"], second["received_at"]) == (TEN, MODIFIED)
    assert (first["properties"], second["properties"]) == ('{"a":1}', None)
    assert first["environment"] == second["environment"] == "production"
    assert (first["line_number"], second["line_number"]) == (1, 2)


def test_load_time_is_the_set_instant(loaded: Place) -> None:
    for table, column in (
        ("events", "loaded_at"),
        ("loaded_files", "loaded_at"),
    ):
        assert loaded.query(f"select distinct {column} from raw.{table}") == [(NOW_STORED,)]


def test_set_instant_may_have_a_zone(tmp_path: Any) -> None:
    zone = timezone(timedelta(hours=-3))
    place = Place(tmp_path / "place", now=datetime(2024, 6, 1, 9, tzinfo=zone))
    place.write(f"{EVENTS}/a.jsonl", line())
    place.quick_load()
    assert place.rows("loaded_files", "loaded_at") == [(NOW_STORED,)]
    assert place.now.astimezone(UTC).replace(tzinfo=None) == NOW_STORED
