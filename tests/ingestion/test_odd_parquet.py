"""Parquet of every type that a column can have: a row, a file, never a run is refused."""

import decimal
import io
import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingestion.event_cases import GOOD, HASH
from tests.ingestion.place import MODIFIED, Place, parquet_bytes

EVENTS = "acme/apps/web/events"
FIRST = datetime(1970, 1, 1)
LAST = datetime(2200, 12, 31, 23, 59, 59)
GOOD_COLUMNS = {name: pa.array([value]) for name, value in GOOD.items()}
INT = pa.array([42])
DOUBLE = pa.array([1.5])
NAN, INFINITY = pa.array([float("nan")]), pa.array([float("-inf")])
UUID = pa.array([uuid.UUID(int=7).bytes], pa.uuid())
OTHERS = {
    "bool": pa.array([True]),
    "list": pa.array([["x"]]),
    "struct": pa.array([{"a": "x"}]),
    "map": pa.array([[("a", "x")]], pa.map_(pa.string(), pa.string())),
    "time": pa.array([time(1, 2)]),
    "duration": pa.array([timedelta(days=1)]),
    "bytes of one length": pa.array([b"\xff" * 16], pa.binary(16)),
    "float16": pa.array([1.5], pa.float16()),
    "decimal": pa.array([decimal.Decimal("1.5")]),
    "decimal256": pa.array([decimal.Decimal("1.5")], pa.decimal256(60, 2)),
    "date": pa.array([date(2024, 5, 1)]),
    "timestamp": pa.array([datetime(2024, 5, 1, tzinfo=UTC)]),
    "integer": INT,
    "double": DOUBLE,
    "NaN": NAN,
    "uuid": UUID,
}
CODES = {"message_id": "event_id"}  # a spelling of it


def typed(field: str, array: pa.Array, reasons: str = "") -> tuple[str, pa.Array, str]:
    return field, array, reasons


# Name, column, values, reasons why the row is refused.
COLUMNS = {
    **{
        f"{field} {name}": typed(field, array, f"{CODES.get(field, field)}_wrong_type")
        for field in ("event_id", "message_id", "event", "path", "session_id")
        for name, array in OTHERS.items()
    },
    **{
        f"{field} of nulls": typed(field, pa.nulls(1))
        for field in ("event_id", "path", "ts_epoch", "received_at", "properties")
    },
    **{
        f"organization {name}": typed("customer_org_id", array, "customer_org_id_wrong_type")
        for name, array in OTHERS.items()
        if name not in ("integer", "double", "float16", "decimal", "decimal256")
    },
    "organization infinite": typed("customer_org_id", INFINITY, "customer_org_id_wrong_type"),
    "organization integer": typed("customer_org_id", INT),
    "organization float16": typed("customer_org_id", pa.array([42.0], pa.float16())),
    "organization decimal256": typed(
        "customer_org_id", pa.array([decimal.Decimal("42.00")], pa.decimal256(60, 2))
    ),
    "epoch double": typed("ts_epoch", pa.array([1714557600.0])),
    "epoch float16": typed("ts_epoch", pa.array([8.0], pa.float16())),
    "epoch decimal256": typed(
        "ts_epoch", pa.array([decimal.Decimal(1714557600)], pa.decimal256(60, 0))
    ),
    "epoch fraction": typed("ts_epoch", DOUBLE, "ts_epoch_not_an_integer"),
    "epoch NaN": typed("ts_epoch", NAN, "ts_epoch_not_an_integer"),
    "epoch infinite": typed("ts_epoch", INFINITY, "ts_epoch_not_an_integer"),
    "epoch far ahead": typed("ts_epoch", pa.array([1e17]), "ts_epoch_too_far_ahead"),
    "epoch uuid": typed("ts_epoch", UUID, "ts_epoch_not_an_integer"),
    "received first": typed("received_at", pa.array([FIRST])),
    "received last": typed("received_at", pa.array([LAST])),
    "received before": typed(
        "received_at", pa.array([FIRST - timedelta(seconds=1)]), "received_at_invalid"
    ),
    "received after": typed(
        "received_at", pa.array([LAST + timedelta(seconds=1)]), "received_at_invalid"
    ),
    "received NaN": typed("received_at", NAN, "received_at_invalid"),
    "received uuid": typed("received_at", UUID, "received_at_invalid"),
    "received in year 200000": typed(
        "received_at", pa.array([10**14], pa.timestamp("ms")), "received_at_invalid"
    ),
    "received in nanoseconds": typed("received_at", pa.array([10**18], pa.timestamp("ns"))),
    "received in a zone that is none": typed(
        "received_at", pa.array([10**15 + 7], pa.timestamp("us", "Mars/Olympus"))
    ),
    "received date": typed("received_at", pa.array([date(2024, 5, 1)])),
    "received date far off": typed(
        "received_at", pa.array([2**31 - 1], pa.int32()).cast(pa.date32()), "received_at_invalid"
    ),
    "properties json": typed("properties", pa.array(['{"a": 1}'], pa.json_())),
    "properties json list": typed(
        "properties", pa.array(["[1]"], pa.json_()), "properties_not_an_object"
    ),
    "properties struct": typed("properties", pa.array([{"a": 1}])),
    "properties with NaN": typed(
        "properties", pa.array([{"a": float("nan")}]), "properties_not_an_object"
    ),
    "properties with infinity": typed(
        "properties", pa.array([{"a": [float("inf")]}]), "properties_not_an_object"
    ),
    "properties map": typed("properties", pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64()))),
    "properties uuid": typed("properties", UUID, "properties_not_an_object"),
    "properties integer": typed("properties", INT, "properties_not_an_object"),
    "event in bytes": typed("event", pa.array([b"login"], pa.binary())),
    "event in a dictionary": typed("event", pa.array(["login"]).dictionary_encode()),
    "event in a view": typed("event", pa.array(["login"], pa.string_view())),
}


def of_columns(**columns: pa.Array) -> bytes:
    return parquet_bytes(pa.table({**GOOD_COLUMNS, **columns}))


def twice(name: str) -> bytes:
    columns = [*(GOOD_COLUMNS | {name: pa.array(["first"])}).items(), (name, pa.array(["second"]))]
    return parquet_bytes(pa.table([array for _, array in columns], [name for name, _ in columns]))


def with_bad_dictionary_index() -> bytes:
    """One index of a dictionary-encoded page points past the dictionary's end."""
    values = {"event": ["a", "b"] * 50, "user_hash": [HASH] * 100, "customer_org_id": ["o"] * 100}
    stream = io.BytesIO()
    pq.write_table(pa.table(values), stream, compression="none", use_dictionary=["event"])
    data = bytearray(stream.getvalue())
    column = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(0).column(0)
    start, end = column.data_page_offset, column.data_page_offset + column.total_compressed_size
    place = data.index(b"\xaa", start, end)  # indices 0 and 1 in turns, one bit each
    width = data.rindex(b"\x01", start, place)
    data[width] = 7
    return bytes(data)


# Files that are refused as a whole, with a word of the cause.
REFUSED = {
    "text-not-utf8": (of_columns(event=pa.array([b"\xff"], pa.binary())), "UTF8"),
    "key-twice": (
        of_columns(properties=pa.array([[("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int64()))),
        "duplicate",
    ),
    "cut": (of_columns()[:-9], "not Parquet"),
    "bad-dictionary-index": (with_bad_dictionary_index(), "row group 1"),
}


def json_column() -> bytes:
    """What DuckDB writes for a column of its type JSON."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"select 'duckdb' as event, '{HASH}' as user_hash, 'org' as customer_org_id,"
            " json_object('a', 1) as properties"
        ).to_arrow_table()
    return parquet_bytes(rows)


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    place = module_place
    for name, (field, array, _) in COLUMNS.items():
        place.write(f"{EVENTS}/{name}.parquet", of_columns(**{field: array}))
    for name, (data, _) in REFUSED.items():
        place.write(f"{EVENTS}/{name}.parquet", data)
    place.write(f"{EVENTS}/twice.parquet", twice("event"))
    place.write(f"{EVENTS}/duckdb.parquet", json_column())
    place.write(f"{EVENTS}/only-other-columns.parquet", parquet_bytes(pa.table({"x": [1, 2]})))
    place.quick_load()
    return place


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_of_any_type_is_read_or_its_rows_are_refused(loaded: Place, name: str) -> None:
    path = f"{EVENTS}/{name}.parquet"
    assert loaded.rejects(path).get(1, "") == COLUMNS[name][2]
    [figures] = loaded.records("loaded_files", f"path = '{path}'")
    assert (figures["rows_read"], figures["rows_accepted"] + figures["rows_duplicate"]) == (
        1,
        0 if COLUMNS[name][2] else 1,
    )


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_judged_is_refused_alone(loaded: Place, name: str) -> None:
    path = f"{EVENTS}/{name}.parquet"
    [row] = loaded.records("rejected_files", f"path = '{path}'")
    assert row["reason"] == "unreadable_file"
    assert REFUSED[name][1] in row["detail"]
    assert loaded.rows("loaded_files", "path", f"path = '{path}'") == []
    assert loaded.rows("events", "event", f"source_path = '{path}'") == []


def test_values_of_odd_types_are_what_they_say(loaded: Place) -> None:
    def stored(name: str, column: str) -> Any:
        found = loaded.rows("events", column, f"source_path = '{EVENTS}/{name}.parquet'")
        return found[0][0] if found else None

    assert stored("duckdb", "properties") == '{"a":1}'
    assert stored("properties json", "properties") == '{"a":1}'
    assert stored("twice", "event") == "first"
    assert stored("received first", "received_at") == FIRST
    assert stored("received last", "received_at") == LAST
    assert stored("received in nanoseconds", "received_at") == datetime(2001, 9, 9, 1, 46, 40)
    assert stored("epoch float16", "ts_epoch") == 8
    organizations = {
        row[0]
        for row in loaded.rows("events", "customer_org_id")
        if row[0] != GOOD["customer_org_id"]
    }
    assert organizations >= {"42"}
    assert loaded.rejects(f"{EVENTS}/only-other-columns.parquet") == dict.fromkeys(
        (1, 2), "customer_org_id_missing,event_missing,user_hash_missing"
    )
    assert loaded.rows("loaded_files", "modified_at", "path like '%twice%'") == [(MODIFIED,)]


def test_of_files_that_share_a_chunk_only_the_culprit_is_refused(place: Place) -> None:
    """DuckDB finds out about the key while it validates the rows of all of them together."""
    kind = pa.map_(pa.string(), pa.int64())
    rows = [[("a", number)] for number in range(10)]
    for number in range(6):
        sent = [*rows[:4], [("b", 1), ("b", 2)], *rows[4:]] if number == 3 else rows
        table = {name: [value] * len(sent) for name, value in GOOD.items()}
        data = parquet_bytes(pa.table({**table, "properties": pa.array(sent, kind)}))
        place.write(f"{EVENTS}/{number}.parquet", data)
    place.quick_load()
    [refused] = place.records("rejected_files")
    assert refused["path"] == f"{EVENTS}/3.parquet"
    assert refused["detail"].startswith("row 5: InvalidInputException: ")
    assert len(place.rows("loaded_files")) == 5
    assert place.rows("loaded_files", "sum(rows_read)") == [(50,)]
    assert place.rows("events", "count(*)") == [(10,)]
