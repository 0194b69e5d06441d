"""What loading accepts no later check refuses: values at every bound, checked and built."""

import json
import random
import shutil
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from great_expectations.data_context import AbstractDataContext

from ingestion.event_fields import sent_fields
from orchestration.landing.checks import check_new_loads
from orchestration.platform.progress import SilentReporter
from orchestration.transformation.arguments import NO_CALLS
from tests.ingestion.event_cases import GOOD, HASH, TEXT_CASES
from tests.ingestion.place import NOW, Place, csv_text, parquet_bytes
from tests.support.dbt_runner import PROJECT_ROOT, finish_dbt, start_dbt

EVENTS = "acme/apps/web/events"
AS_OF = NOW.date()
_EDGES = [
    datetime(1, 1, 1),
    datetime(1969, 12, 31, 23, 59, 59),
    datetime(1970, 1, 1),
    datetime(1970, 1, 1, 0, 0, 1),
    datetime(2024, 6, 1),
    datetime(2199, 12, 31),
    datetime(2200, 1, 1),
    datetime(2200, 12, 31, 23, 59, 59),
    datetime(2201, 1, 1),
    datetime(9999, 12, 31, 23, 59, 59),
]
_NUMBERS: list[Any] = [0, -1, 1, 2**31, 2**53, 2**63, 1e17, 1e300, 0.5, "NaN", "Infinity", "1e5"]
_AMOUNTS = ["0", "0.0001", "0.00001", "999999999999.9999", "1000000000000", "-0.01", "NaN", "1e3"]
_DAYS = ["1989-12-31", "1990-01-01", "2100-12-31", "2101-01-01", "9999-12-31", "0000-00-00", ""]


def _text(draw: random.Random, limit: int) -> str:
    length = draw.choice([0, 1, limit - 1, limit, limit + 1])
    character = draw.choice(["x", "é", "🎉", "\x00", "\x1f", " ", "'", '"', "\\", "\u202e", "%"])
    return character * length


def _event(draw: random.Random) -> dict[str, Any]:
    """A good event but for a few fields, each of which lies at one of its bounds."""
    row: dict[str, Any] = dict(GOOD)
    for field in draw.sample(sent_fields(), draw.randint(1, 3)):
        if field.kind == "time" or (field.kind == "whole_number" and draw.random() < 0.5):
            moment = draw.choice(_EDGES)
            seconds = (moment - datetime(1970, 1, 1)) // timedelta(seconds=1)
            spellings = [moment.isoformat(), f"{moment.isoformat()}Z", seconds, str(seconds)]
            row[field.name] = draw.choice(spellings if field.kind == "time" else spellings[2:])
        elif field.kind == "whole_number":
            row[field.name] = draw.choice(_NUMBERS)
        elif field.kind == "json_object":
            row[field.name] = {"k": _text(draw, field.max_bytes - len('{"k":""}'))}
        else:
            limit = field.max_characters or field.exact_characters or 255
            text = _text(draw, limit)
            row[field.name] = (field.starts_with or "") + text[: limit - 1] if text else text
            if draw.random() < 0.3:
                row[field.name] = text
    return row


def _write_events(place: Place, draw: random.Random) -> None:
    rows = [_event(draw) for _ in range(400)]
    place.write(f"{EVENTS}/drawn.jsonl", "\n".join(map(json.dumps, rows)))
    flat = [
        {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in row.items()
        }
        for row in rows
    ]
    columns = sorted({name for row in flat for name in row})
    place.write(f"{EVENTS}/drawn.csv", csv_text(columns, flat))
    texts = {name: pa.array([row.get(name) for row in flat], pa.string()) for name in columns}
    place.write(f"{EVENTS}/texts.parquet", parquet_bytes(pa.table(texts)))
    numbers = [draw.choice([0.0, -0.5, 1e15, float("nan"), float("inf"), 42.0]) for _ in rows]
    times = [moment for moment in _EDGES if moment.year > 1][: len(rows)]
    typed = {
        **{name: pa.array([value] * len(times)) for name, value in GOOD.items()},
        "customer_org_id": pa.array(numbers[: len(times)]),
        "received_at": pa.array(times),
        "ts_epoch": pa.array(numbers[-len(times) :]),
        "event_id": pa.array([None] * len(times), pa.float64()),
    }
    place.write(f"{EVENTS}/typed.parquet", parquet_bytes(pa.table(typed)))


def _write_imports(place: Place, draw: random.Random) -> None:
    organizations = [[f"org {n}", f"Org {n}"] for n in range(200)]
    organizations += [["420", "Four-twenty"], ["42", "Forty-two"], ["o" * 255, "n" * 255]]
    place.write(
        "acme/imports/organizations/a.csv",
        csv_text(["external_org_id", "display_name"], organizations),
    )
    subscriptions = [
        [
            f"org {number}",
            draw.choice(["pro", "p" * 255]),
            draw.choice(_AMOUNTS),
            draw.choice(["EUR", "USD", "TRY", "JPY"]),
            draw.choice(_DAYS),
            draw.choice(_DAYS),
            draw.choice(["active", "canceled", "paused", "past_due", ""]),
        ]
        for number in range(200)
    ]
    columns = ["external_org_id", "product_code", "mrr", "currency", "start_at", "end_at", "status"]
    place.write("acme/imports/subscriptions/a.csv", csv_text(columns, subscriptions))
    dismissals = [[f"org {n}", "usage_drop", day] for n, day in enumerate(_DAYS)]
    place.write(
        "acme/imports/dismissals/a.csv",
        csv_text(["external_org_id", "signal_type", "dismissed_at"], dismissals),
    )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("door") / "place")
    shutil.rmtree(place.settings.seeds)
    shutil.copytree(PROJECT_ROOT / "seeds", place.settings.seeds)
    draw = random.Random(16)
    _write_events(place, draw)
    place.write(
        f"{EVENTS}/cases.csv",
        csv_text(
            sorted({k for c in TEXT_CASES for k in c.row} - {"Event"}), [c.row for c in TEXT_CASES]
        ),
    )
    place.write(f"{EVENTS}/floats.csv", f"event,user_hash,customer_org_id\nx,{HASH},42.0\n")
    now = int(datetime.combine(AS_OF, datetime.min.time(), UTC).timestamp())
    clocks = [
        {**GOOD, "customer_org_id": f"clock {n}", "ts_epoch": epoch}
        for n in range(50)
        for epoch in (n, now - 86_400)
    ]
    first_plausible = datetime(2014, 6, 1, tzinfo=UTC).timestamp()
    clocks += [
        {**GOOD, "customer_org_id": f"edge {n}", "ts_epoch": int(first_plausible) - n}
        for n in range(2)
    ]
    place.write(
        f"{EVENTS}/clocks.jsonl", "\n".join(map(json.dumps, clocks)), NOW.replace(tzinfo=None)
    )
    _write_imports(place, draw)
    place.load()
    return place


def test_every_check_of_what_was_loaded_passes(
    loaded: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AbstractDataContext, "build_data_docs", lambda context: None)
    verdicts = check_new_loads(loaded.settings, SilentReporter())
    assert [verdict.errors for verdict in verdicts.values() if verdict and verdict.blocks] == []
    accepted = loaded.query("select count(*) from raw.events")[0][0]
    assert accepted > 300, "the bounds are on both sides"
    assert loaded.query("select count(*) from raw.subscription_versions")[0][0] > 10
    assert loaded.query("select count(*) from raw.rejected_rows")[0][0] > 300


def test_what_is_no_number_is_no_organization_and_no_time(loaded: Place) -> None:
    ids = {
        row[0]
        for row in loaded.query(
            "select distinct customer_org_id from raw.events where source_path like '%typed%'"
        )
    }
    assert ids <= {"0", "-0.5", "42", "1000000000000000"}
    years = loaded.query("select min(year(received_at)), max(year(received_at)) from raw.events")
    assert years == [(1970, 2200)]


@pytest.fixture(scope="module")
def built(loaded: Place) -> duckdb.DuckDBPyConnection:
    work = loaded.folder / "dbt"
    finish_dbt(
        start_dbt(
            "build",
            "--exclude-resource-type",
            "unit_test",
            *NO_CALLS,
            warehouse=loaded.settings.warehouse,
            seeds=loaded.settings.seeds,
            work_dir=work,
            as_of=AS_OF,
        )
    )
    with duckdb.connect(str(loaded.settings.warehouse), read_only=True) as connection:
        yield connection


def test_a_build_of_them_passes_its_tests(built: duckdb.DuckDBPyConnection) -> None:
    [(organizations,)] = built.execute("select count(*) from marts.organizations").fetchall()
    assert organizations > 200


def test_a_number_from_a_spreadsheet_is_offered_its_whole_number(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = built.execute(
        "select imported_org_id from marts.organization_id_mismatches where event_org_id = '42.0'"
    ).fetchall()
    assert found == [("42",)]


def test_dead_clocks_open_no_history(built: duckdb.DuckDBPyConnection) -> None:
    """Fifty organizations with an event of 1970 each: 54 years of days for none of them."""
    first = built.execute(
        "select min(date_day), count(*) from marts.organization_metrics_daily"
        " where external_org_id like 'clock %' and app_id = 'all'"
    ).fetchone()
    assert first == (date(2024, 5, 31), 100)
    stored = built.execute(
        "select count(*) from raw.events where customer_org_id like 'clock %'"
    ).fetchone()
    assert stored == (100,)
    edge = built.execute(
        "select external_org_id, min(date_day) from marts.organization_metrics_daily"
        " where external_org_id like 'edge %' and app_id = 'all' group by 1 order by 1"
    ).fetchall()
    assert edge == [("edge 0", date(2014, 6, 1))]
