"""Demo data: the same seed gives the same bytes, sizes are kept, every ingredient is there."""

import csv
import gzip
import hashlib
import json
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from ingestion.demo import DemoError, generate
from ingestion.demo.billing import build_subscriptions
from ingestion.demo.call_shapes import SHAPES
from ingestion.demo.calls import PORTAL
from ingestion.demo.csv_forms import amount_text, date_text
from ingestion.demo.events import APPLICATIONS, EventQuery, EventStore
from ingestion.demo.files import MOBILE
from ingestion.demo.oddities import broken_lines
from ingestion.demo.organizations import STORIES, build_organizations, split_by_company
from ingestion.demo.profiles import COMPANIES, Size
from ingestion.demo.writer import MANIFEST

AS_OF = date(2026, 6, 15)
SMALL = {"organizations": 24, "days": 10, "events": 2_000, "as_of": AS_OF}
DATED = "????-??-??"


def tree(landing: Path) -> dict[str, tuple[str, float]]:
    """Path -> (checksum, modification time) of every file, the generator's list included."""
    return {
        path.relative_to(landing).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime if path.name != MANIFEST else 0,
        )
        for path in landing.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The default data set: (landing, summary)."""
    landing = tmp_path_factory.mktemp("demo") / "landing"
    return landing, generate(landing, as_of=AS_OF)


def events_of(landing: Path, app: str, patterns: list[str]) -> duckdb.DuckDBPyRelation:
    """Events of JSON files below an application, every field as text."""
    fields = (
        "event_id messageId event user_hash customer_org_id path session_id ts_epoch received_at"
        " environment plan properties"
    )
    columns = ", ".join(f"'{name}': 'varchar'" for name in fields.split())
    found = [
        path for pattern in patterns for path in sorted(landing.glob(f"{app}/events/{pattern}"))
    ]
    files = ", ".join(f"'{path}'" for path in found)
    return duckdb.sql(
        f"select * from read_json([{files}], format = 'newline_delimited', columns = {{{columns}}})"
    )


def web_events(landing: Path) -> duckdb.DuckDBPyRelation:
    """Every event of acme's web application, once."""
    return events_of(landing, "acme/apps/web", ["backfill/*", f"*/*/web-{DATED}.*"])


@pytest.mark.parametrize("threads", [1, 4])
def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(full, tmp_path, threads):
    landing, first = full
    second = generate(tmp_path, as_of=AS_OF, seed=1, threads=threads)
    assert tree(tmp_path) == tree(landing)
    assert first.to_dict() | {"landing": ""} == second.to_dict() | {"landing": ""}


@pytest.mark.parametrize("ending", ["ndjson", "jsonl.zst", "csv.gz", "parquet"])
def test_large_files_do_not_depend_on_threads(tmp_path, ending):
    size = Size(60, 2, 300_000, 1, AS_OF)
    query = EventQuery(APPLICATIONS[0], size.first_day, size.as_of, MOBILE)
    written = set()
    for threads in (1, 4):
        store = EventStore(size, build_organizations(size), threads)
        rows = store.copy(query, tmp_path / "events", ending)
        store.close()
        digest = hashlib.sha256((tmp_path / "events").read_bytes()).hexdigest()
        written.add((rows, digest))
    assert len(written) == 1
    assert rows > 100_000


def test_another_seed_gives_other_events_customers_and_amounts(tmp_path):
    generate(tmp_path / "a", **SMALL, seed=1)
    generate(tmp_path / "b", **SMALL, seed=2)
    first, second = tree(tmp_path / "a"), tree(tmp_path / "b")
    assert first.keys() == second.keys()
    # What holds nothing but fixed broken content may be equal.
    fixed = ("not-parquet", "latin-1", "support-export", "notes.txt", "dismissals", MANIFEST)
    changed = {path for path in first if first[path][0] != second[path][0]}
    assert {path for path in first if not any(name in path for name in fixed)} == changed


@pytest.mark.parametrize(
    ("organizations", "days", "events"),
    [(2, 1, 1), (2, 3, 50), (10, 30, 1_000), (50, 90, 12_345), (200, 400, 30_000)],
)
def test_sizes_are_kept_exactly(tmp_path, organizations, days, events):
    summary = generate(
        tmp_path, organizations=organizations, days=days, events=events, seed=3, as_of=AS_OF
    )
    assert (summary.organizations, summary.events) == (organizations, events)
    assert summary.first_day == (AS_OF - timedelta(days=days)).isoformat()
    first = datetime.combine(AS_OF - timedelta(days=days), datetime.min.time(), UTC).timestamp()
    last = datetime.combine(AS_OF, datetime.min.time(), UTC).timestamp()
    for seconds in web_events(tmp_path).project("ts_epoch::bigint").fetchall():
        assert first <= seconds[0] < last


@pytest.mark.parametrize(
    "size", [{"organizations": 1}, {"days": 0}, {"events": 0}, {"days": -5}, {"events": 10**12}]
)
def test_impossible_sizes_are_refused_before_anything_is_written(tmp_path, size):
    with pytest.raises(DemoError, match=next(iter(size))):
        generate(tmp_path / "landing", **size, as_of=AS_OF)
    assert not (tmp_path / "landing").exists()


def test_the_default_is_small(full):
    landing, summary = full
    assert (summary.companies, summary.organizations) == (2, 120)
    assert 60_000 <= summary.events <= 100_000
    assert (
        summary.bytes
        == sum(p.stat().st_size for p in landing.rglob("*") if p.is_file())
        - (landing / MANIFEST).stat().st_size
    )
    assert summary.bytes < 15_000_000
    assert not list(landing.rglob("*.part"))


def test_every_format_is_there(full):
    landing, _ = full
    for ending in ("jsonl.gz", "ndjson", "csv", "parquet", "jsonl.zst", "csv.gz"):
        assert list(landing.glob(f"*/apps/*/events/**/*-{DATED}.{ending}")), ending


def test_every_story_is_lived_by_acme_and_by_the_first_organizations(tmp_path):
    for organizations in (20, 120):
        size = Size(organizations, 180, 1_000, 1, AS_OF)
        stories = {o.story for o in build_organizations(size) if o.company_id == "acme"}
        assert stories == set(STORIES)
    assert split_by_company(2) == {"acme": 1, "globex": 1}


def test_events_are_well_formed_and_of_realistic_rhythm(full):
    landing, _ = full
    web = web_events(landing)
    checks = web.aggregate(
        "bool_and(length(user_hash) = 64 and user_hash = lower(user_hash)),"
        " count(distinct event_id) = count(*),"
        " count(*) filter (session_id is null) / count(*),"
        " count(*) filter (environment = 'staging') > 0,"
        " count(*) filter (environment is null) > 0,"
        " count(*) filter (properties is not null) / count(*)"
    ).fetchone()
    assert checks[:2] == (True, True)
    assert 0.1 < checks[2] < 0.35
    assert checks[3:5] == (True, True)
    assert 0.2 < checks[5] < 0.3
    rhythm = dict(
        web.aggregate("isodow(to_timestamp(ts_epoch::bigint) at time zone 'UTC') as d, count(*)")
        .order("d")
        .fetchall()
    )
    assert max(rhythm[6], rhythm[7]) < 0.4 * min(rhythm[day] for day in range(1, 6))
    hours = dict(
        web.aggregate(
            "hour(to_timestamp(ts_epoch::bigint) at time zone 'UTC') as h, count(*)"
        ).fetchall()
    )
    assert sum(hours.get(hour, 0) for hour in range(7, 20)) > 0.85 * sum(hours.values())


def test_late_events_arrive_in_later_files_with_a_later_receipt(full):
    landing, _ = full
    late, total = (
        web_events(landing)
        .aggregate(
            "count(*) filter (epoch(received_at::timestamptz) - ts_epoch::bigint > 20000), count(*)"
        )
        .fetchone()
    )
    assert 0.002 < late / total < 0.05
    day = AS_OF - timedelta(days=7)
    start = datetime.combine(day, datetime.min.time(), UTC).timestamp()
    for path in landing.glob(f"acme/apps/*/events/*/*/*-{DATED}.*"):
        named = date.fromisoformat(path.name.split(".")[0][-10:])
        assert (
            path.stat().st_mtime
            == (
                datetime.combine(named, datetime.min.time(), UTC) + timedelta(days=1, minutes=10)
            ).timestamp()
        )
    files = [f"*/*/web-{AS_OF - timedelta(days=n)}.*" for n in range(1, 7)]
    assert (
        events_of(landing, "acme/apps/web", files)
        .filter(f"ts_epoch::bigint < {start} + 86400")
        .fetchall()
    )


def test_senders_differ_in_what_they_send(full):
    landing, _ = full
    mobile = events_of(landing, "acme/apps/mobile", [f"*/*/mobile-{DATED}.jsonl.gz"])
    with_id, total, received = mobile.aggregate(
        "count(messageId), count(*), count(received_at)"
    ).fetchone()
    assert 0 < with_id < total
    assert received == 0
    old = events_of(landing, "globex/apps/app", ["backfill/*"])
    assert old.aggregate("count(ts_epoch), count(event_id), count(session_id)").fetchone() == (
        0,
        0,
        0,
    )
    assert old.aggregate("count(received_at) = count(*)").fetchone() == (True,)
    lines = gzip.decompress(next(landing.glob("globex/**/app-*.jsonl.gz")).read_bytes())
    assert isinstance(json.loads(lines.splitlines()[0])["customer_org_id"], int)


def test_reexports_repeat_events_exactly(full):
    landing, summary = full
    repeated = events_of(landing, "acme/apps/web", ["reexport/*"])
    known = set(web_events(landing).fetchall())
    rows = repeated.fetchall()
    assert rows
    assert set(rows) <= known
    globex = events_of(landing, "globex/apps/app", ["reexport/*"]).fetchall()
    assert len(rows) + len(globex) == summary.reexported_rows


def test_organizations_that_do_not_line_up_are_there(full):
    landing, _ = full
    size = Size(120, 180, 80_000, 1, AS_OF)
    acme = [o for o in build_organizations(size) if o.company_id == "acme"]
    imported = set()
    for path in landing.glob("acme/imports/organizations/*customers.csv"):
        text = path.read_text("utf-8-sig")
        imported |= {
            row[0] for row in csv.reader(text.splitlines(), delimiter=";" if ";" in text else ",")
        }
    seen = {row[0] for row in web_events(landing).project("customer_org_id").fetchall()}
    for organization in acme:
        assert (organization.external_org_id in imported) == (organization.story != "unknown")
        if organization.story in ("onboarding", "imported_only"):
            assert organization.sent_org_id not in seen
        if organization.story == "mismatched":
            assert organization.sent_org_id in seen
            assert organization.sent_org_id not in imported
    assert seen - imported
    assert imported - seen


def test_usage_follows_the_stories(full):
    landing, _ = full
    size = Size(120, 180, 80_000, 1, AS_OF)
    age = f"(date '{AS_OF}' - (to_timestamp(ts_epoch::bigint) at time zone 'UTC')::date)"
    counted = {
        row[0]: row[1:]
        for row in web_events(landing)
        .aggregate(
            f"customer_org_id, count(*) filter ({age} <= 30),"
            f" count(*) filter ({age} between 31 and 60), min({age})"
        )
        .fetchall()
    }
    grown = shrunk = 0
    for organization in build_organizations(size):
        if organization.company_id != "acme" or organization.sent_org_id not in counted:
            continue
        last, previous, quiet = counted[organization.sent_org_id]
        grown += organization.story == "growing" and last >= 1.3 * previous
        shrunk += organization.story == "declining" and 0 < last < 0.5 * previous
        if organization.story == "stopped":
            assert last == 0
            assert quiet > 30
    assert grown >= 3
    assert shrunk >= 2


def test_subscriptions_have_many_forms_and_states(full):
    landing, summary = full
    path = next(landing.glob("acme/imports/subscriptions/*subscriptions.csv"))
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines(), delimiter=";"))
    statuses = Counter(row["status"].lower() for row in rows)
    assert {"", "active", "paused", "canceled", "sleeping"} <= set(statuses)
    assert {row["currency"].upper() for row in rows} >= {"EUR", "USD", "GBP", "CHF", "AED"}
    assert any("," in row["mrr"] for row in rows)
    assert any("." in row["mrr"] for row in rows)
    assert any("€" in row["mrr"] for row in rows)
    assert any(row["mrr"][:4] == "0,00" for row in rows)
    assert {len(row["start_at"]) for row in rows} >= {8, 10, 20, 25}
    ids = Counter(row["source_subscription_id"] for row in rows)
    assert [key for key, count in ids.items() if count > 1] == ["sub_twice"]
    good = [row for row in rows if row["source_subscription_id"] < "sub_9"]
    globex = next(landing.glob("globex/imports/subscriptions/*subscriptions.csv"))
    keys = [
        (row["external_org_id"], row["product_code"], row["start_at"])
        for row in csv.DictReader(globex.read_text("utf-8").splitlines())
    ]
    assert len(set(keys)) == len(keys)
    assert len(good) + len(keys) == summary.subscriptions


@pytest.mark.parametrize("days", [1, 30, 180, 730])
def test_subscriptions_are_sound_on_every_day_of_a_leap_year(days):
    for offset in range(0, 366, 3):
        size = Size(60, days, 1, offset, date(2028, 1, 1) + timedelta(days=offset))
        rows = build_subscriptions(size, build_organizations(size))
        keys = {(row.organization.number, row.product_code, row.start_at) for row in rows}
        assert len(keys) == len(rows)
        assert all(row.end_at is None or row.end_at >= row.start_at for row in rows)
        assert all(row.mrr >= 0 for row in rows)
        month_start = size.as_of.replace(day=1)
        assert any(row.start_at >= month_start and row.start_at < size.as_of for row in rows) or (
            size.as_of.day == 1
        )


def test_a_subscription_waits_for_its_organization(full):
    landing, _ = full
    for company in COMPANIES:
        folder = landing / company.company_id / "imports"
        early, late = sorted((folder / "organizations").glob("*-customers.csv"))
        subscriptions = next((folder / "subscriptions").glob("*-subscriptions.csv"))
        assert early.stat().st_mtime < subscriptions.stat().st_mtime < late.stat().st_mtime

        def ids(path: Path) -> set[str]:
            lines = path.read_text("utf-8-sig").replace(";", ",").splitlines()[1:]
            return {line.split(",")[0] for line in lines}

        assert ids(subscriptions) & (ids(late) - ids(early))


def test_spellings_of_amounts_and_dates():
    from decimal import Decimal

    amount = Decimal("1299.50")
    assert {amount_text(amount, "EUR", form) for form in range(10)} == {
        "1299.50", "1299,50", "1,299.50", "1.299,50", "1\u00a0299,50", "1\u202f299,50",
        "1'299.50", "\u20ac1,299.50", "1299,50 EUR",
    }  # fmt: skip
    assert amount_text(Decimal(1299), "EUR", 9) == "1299"
    assert date_text(date(2026, 3, 5), 7) == "2026-03-05"
    assert date_text(date(2026, 3, 25), 7) == "25/03/2026"


def test_broken_rows_and_files_are_there(full):
    landing, summary = full
    path = next(landing.glob("acme/apps/web/events/*/*/*-collector-b.jsonl.gz"))
    lines = gzip.decompress(path.read_bytes()).splitlines()
    reasons = {reason for reason, _ in broken_lines(0)}
    assert len(reasons) >= 25
    assert summary.broken_rows == len(broken_lines(0)) + 2
    good = [json.loads(line) for line in lines[: lines.index(b"")]]
    assert good[-1]["event_id"] == good[0]["event_id"]
    assert good[-1]["event"] != good[0]["event"]
    assert max(map(len, lines)) > 1_048_576

    with pytest.raises(EOFError):
        gzip.decompress(next(landing.glob("**/*-truncated.jsonl.gz")).read_bytes())
    with pytest.raises(UnicodeDecodeError):
        next(landing.glob("**/*-latin-1.csv")).read_text("utf-8")
    with pytest.raises(duckdb.Error):
        duckdb.sql(f"select * from '{next(landing.glob('**/*-not-parquet.parquet'))}'").fetchall()
    registered = {f"{c.company_id}/{a.app_id}" for c in COMPANIES for a in c.applications}
    folders = {"/".join(p.relative_to(landing).parts[:3:2]) for p in landing.glob("*/apps/*")}
    portal = "/".join(PORTAL.split("/")[:3:2])
    assert folders - registered == {"initech/web", "acme/desktop", portal}
    assert list(landing.glob("acme/imports/dismissals/*.csv"))


def test_generating_again_replaces_its_own_files_and_no_others(tmp_path):
    generate(tmp_path, **SMALL)
    mine = tmp_path / "acme" / "imports" / "organizations" / "mine.csv"
    mine.write_text("org_id,name\n1,One\n")
    generate(tmp_path, **SMALL | {"days": 5})
    assert mine.exists()
    generate(tmp_path / "fresh", **SMALL | {"days": 5})
    again = {path for path in tree(tmp_path) if not path.startswith("fresh/")}
    assert again == set(tree(tmp_path / "fresh")) | {mine.relative_to(tmp_path).as_posix()}


def test_a_file_that_is_not_demo_data_is_not_overwritten(tmp_path):
    path = tmp_path / "acme/imports/organizations" / f"{AS_OF - timedelta(days=60)}-customers.csv"
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(DemoError, match="not demo data"):
        generate(tmp_path, **SMALL)
    assert path.read_text() == "mine"


def test_progress_counts_up_to_the_events_asked_for(tmp_path):
    steps = []
    generate(tmp_path, **SMALL, progress=lambda *step: steps.append(step))
    done = [step[0] for step in steps]
    assert done == sorted(done)
    assert done[-1] == SMALL["events"]
    assert {step[1] for step in steps} == {SMALL["events"]}


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from datetime import date
    from pathlib import Path
    from ingestion.demo import generate
    from ingestion.demo import events

    copy, calls = events.EventStore.copy, []

    def copy_and_die(self, query, target, ending):
        calls.append(target)
        if len(calls) == int(sys.argv[2]):
            target.write_bytes(b'{"event": "half a li')
            os.kill(os.getpid(), signal.SIGKILL)
        return copy(self, query, target, ending)

    events.EventStore.copy = copy_and_die
    generate(Path(sys.argv[1]), organizations=24, days=10, events=2000, as_of=date(2026, 6, 15))
    """
)


@pytest.mark.parametrize("call", [1, 20])
def test_a_crash_leaves_no_half_file_and_the_next_try_completes(tmp_path, call):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "a"), str(call)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    generate(tmp_path / "b", **SMALL)
    left, whole = tree(tmp_path / "a"), tree(tmp_path / "b")
    finished = {path for path in left if not path.endswith(".part") and path != MANIFEST}
    assert finished < set(whole)
    assert all(left[path] == whole[path] for path in finished)
    assert any(path.endswith(".part") for path in left)

    generate(tmp_path / "a", **SMALL)
    assert tree(tmp_path / "a") == whole


def test_receipt_times_lie_between_the_first_day_and_the_night_of_the_as_of_date(full):
    landing, summary = full
    files = [path for path in landing.rglob("*.*") if path.name != MANIFEST and path.is_file()]
    times = [datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in files]
    assert min(times).date() > date.fromisoformat(summary.first_day)
    assert max(times) == datetime(AS_OF.year, AS_OF.month, AS_OF.day, 0, 10, tzinfo=UTC)


def test_the_portal_has_calls_of_every_vendor_and_none_overlap(full) -> None:
    landing, summary = full
    times: dict[str, list[str]] = {}
    calls = 0
    for file in sorted((landing / PORTAL).rglob("*.*")):
        content = file.read_bytes()
        lines = gzip.decompress(content) if file.suffix == ".gz" else content
        calls += len(lines.splitlines())
        times.setdefault(file.parent.name, []).extend(file.name.split(".")[0].split("_"))
    assert calls == summary.calls > 1_000
    assert times.keys() == SHAPES.keys()
    ends = [(min(times[vendor]), max(times[vendor])) for vendor in SHAPES]
    assert all(earlier[1] < later[0] for earlier, later in pairwise(ends))
