"""The suites on arriving files: many rejects, unusual volumes, silence; what blocks, what warns."""

from datetime import UTC, datetime, timedelta

import pytest
from great_expectations.data_context import AbstractDataContext

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.landing.checks import check_new_loads, is_validated
from orchestration.platform.progress import SilentReporter
from orchestration.state.held_back import held_back
from orchestration.state.run_memory import RunMemory
from tests.support.raw_loads import load, make_raw

NOW = datetime(2025, 3, 10, 6)  # a Monday
SOURCE = {"company_id": "acme", "app_id": "web", "kind": "events"}


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    # The pages take longer than the suites, and have a test of their own.
    monkeypatch.setattr(AbstractDataContext, "build_data_docs", lambda context: None)
    settings = Settings(warehouse=tmp_path / "tracker.duckdb", now=NOW, _env_file=None)
    make_raw(settings)
    return settings


def file_row(day, rows=1000, rejected=0, *, name=None, hour=2, **change):
    """A nightly dump, ``day`` days before the newest one."""
    at = NOW.replace(hour=hour) - timedelta(days=day)
    source = {**SOURCE, **change}
    folder = "/".join(filter(None, (source["company_id"], source["app_id"], source["kind"])))
    path = f"{folder}/{name or at.isoformat()}"
    return {
        **source,
        "path": path,
        "checksum": f"{path} {rows} {rejected}",
        "bytes": 1,
        "modified_at": at,
        "rows_read": rows,
        "rows_accepted": 0,
        "rows_rejected": rejected,
        "rows_duplicate": rows - rejected,
    }


def rejects_of(files):
    return [
        {
            "row_id": f"{file['path']}-{line}",
            "company_id": file["company_id"],
            "path": file["path"],
            "source": file["kind"],
            "line_number": line,
            "reasons": "event_missing",
        }
        for file in files
        for line in range(1, file["rows_rejected"] + 1)
    ]


def arrive(settings, load_id, *files):
    load(settings, load_id, loaded_files=list(files), rejected_rows=rejects_of(files))


def check(settings, **options):
    verdicts = check_new_loads(settings, SilentReporter(), **options)
    return {suite.name: verdict for suite, verdict in verdicts.items() if verdict is not None}


def weeks(count, **change):
    """Whole weeks of nightly dumps before the newest day; weekends are quiet."""
    days = range(1, 7 * count + 1)
    quiet = {5, 6}
    return [
        file_row(day, 1000 if (NOW - timedelta(days=day)).weekday() not in quiet else 100, **change)
        for day in days
    ]


# --- rejects ---


@pytest.mark.parametrize("kind", ["events", "calls"])
def test_30_percent_rejects_block_and_say_where_to_look(settings, kind):
    arrive(settings, "1", *weeks(1, kind=kind))
    check(settings)
    arrive(settings, "2", file_row(0, 1000, 300, kind=kind))
    verdict = check(settings)["rejects_are_few"]
    assert verdict.errors == (
        f"acme web {kind}: 300 of 1000 rows, most often event_missing, most of them in"
        f" acme/web/{kind}/2025-03-10T02:00:00: a share of 0.3 is rejected (allowed: at most 0.25)"
        " -> saas-tracker rejects --company acme; fix the file and drop it again, or the cause and"
        " `saas-tracker rejects replay`",
    )
    assert verdict.warnings == ()
    assert set(held_back(RunMemory(settings), {"acme"})) == {"acme"}
    assert is_validated(settings), "for every other company"


def test_a_corrected_file_takes_the_place_of_the_broken_one(settings):
    arrive(settings, "1", *weeks(1))
    check(settings)
    arrive(settings, "2", file_row(0, 1000, 300))
    assert check(settings)["rejects_are_few"].errors
    arrive(settings, "3", file_row(0, 1000, 0))
    assert check(settings)["rejects_are_few"].passed
    assert is_validated(settings)


def test_rejected_rows_that_a_later_try_accepted_are_none(settings):
    arrive(settings, "1", *weeks(1))
    check(settings)
    bad = file_row(0, 1000, 300)
    rejects = [{**row, "resolved_at": NOW} for row in rejects_of([bad])]
    load(settings, "2", loaded_files=bad, rejected_rows=rejects)
    assert check(settings)["rejects_are_few"].passed


SHARES = [
    (1000, 251, "error"),
    (1000, 250, "warning"),
    (1000, 51, "warning"),
    (1000, 50, None),
    (199, 199, None),  # too few to be a share
    (200, 200, "error"),
]


def test_shares_of_rejects(settings):
    names = [f"case-{number}" for number in range(len(SHARES))]
    for name in names:
        arrive(settings, name, *weeks(1, company_id=name))
    check(settings)
    for name, (rows, rejected, _) in zip(names, SHARES, strict=True):
        arrive(settings, f"new-{name}", file_row(0, rows, rejected, company_id=name))
    verdict = check(settings)["rejects_are_few"]
    found = {said.split()[0]: "error" for said in verdict.errors}
    found |= {said.split()[0]: "warning" for said in verdict.warnings}
    assert [found.get(name) for name in names] == [expected for *_, expected in SHARES]


def test_the_first_load_of_a_source_only_warns(settings):
    arrive(settings, "1", file_row(0, 1000, 900))
    verdict = check(settings)["rejects_are_few"]
    assert (bool(verdict.errors), len(verdict.warnings)) == (False, 1)
    arrive(settings, "2", file_row(0, 1000, 900, name="again"))
    assert not check(settings)["rejects_are_few"].errors, "it has always been so"
    arrive(settings, "3", file_row(0, 1000, 0, company_id="globex"))
    check(settings)
    arrive(settings, "4", file_row(0, 1000, 900, company_id="globex", app_id="mobile"))
    assert not check(settings)["rejects_are_few"].errors, "another source's past is not its own"


def test_which_imports_block(settings):
    kinds = ("organizations", "subscriptions", "dismissals")
    for kind in kinds:
        arrive(settings, f"1-{kind}", *weeks(1, app_id=None, kind=kind))
    check(settings)
    for kind in kinds:
        arrive(settings, f"2-{kind}", file_row(0, 1000, 400, app_id=None, kind=kind))
    verdict = check(settings)["rejects_are_few"]
    assert {said.split()[1] for said in verdict.errors} == {"organizations:", "subscriptions:"}
    assert {said.split()[1] for said in verdict.warnings} == {"dismissals:"}


def test_limits_and_what_blocks_are_settings(settings, monkeypatch):
    arrive(settings, "1", *weeks(4))
    check(settings)
    arrive(settings, "2", file_row(0, 500, 150))
    assert check(settings)["rejects_are_few"].errors
    monkeypatch.setenv("SAAS_TRACKER_QUALITY_MAX_REJECTED_SHARE", "0.4")
    assert not check(settings)["rejects_are_few"].errors
    monkeypatch.setenv("SAAS_TRACKER_QUALITY_BLOCKS", "volume:events, freshness:events")
    arrive(settings, "3", file_row(0, 1, 0, name="one more"))
    assert check(settings)["volumes_are_usual"].errors
    monkeypatch.setenv("SAAS_TRACKER_QUALITY_MIN_VOLUME", "0.5")
    assert check(settings)["volumes_are_usual"].passed
    settings.now = NOW + timedelta(days=9)
    assert check(settings)["sources_are_fresh"].errors
    monkeypatch.setenv("SAAS_TRACKER_QUALITY_BLOCKS", "none")
    assert not check(settings)["sources_are_fresh"].errors


@pytest.mark.parametrize("value", ["rejects", "volume:apps", "rejects:events;volume:events"])
def test_a_gate_that_is_none_is_refused(settings, monkeypatch, value):
    monkeypatch.setenv("SAAS_TRACKER_QUALITY_BLOCKS", value)
    with pytest.raises(UserError, match=r"SAAS_TRACKER_QUALITY_BLOCKS.*is no gate"):
        check(settings)


# --- volumes ---


def volume(settings):
    return check(settings)["volumes_are_usual"]


def test_half_the_usual_volume_warns(settings):
    arrive(settings, "1", *weeks(4), file_row(0, 500))
    verdict = volume(settings)
    assert not verdict.errors
    (said,) = verdict.warnings
    assert said.startswith(
        "acme web events: 500 rows on 2025-03-10, usually 1,000, newest file"
        " acme/web/events/2025-03-10T02:00:00: 0.5 of the usual rows"
    )


def test_a_quiet_weekend_is_as_usual(settings):
    sunday, saturday = weeks(4), weeks(4, company_id="globex")[1:]
    arrive(settings, "1", *sunday, *saturday)
    assert [row["rows_read"] for row in (sunday[0], saturday[0])] == [100, 100]
    assert volume(settings).passed


def test_bounds_of_the_volume(settings):
    cases = {"least": 600, "less": 599, "most": 3000, "more": 3001}
    for name, rows in cases.items():
        arrive(settings, name, *weeks(3, company_id=name), file_row(0, rows, company_id=name))
    assert {said.split()[0] for said in volume(settings).warnings} == {"less", "more"}


def test_a_day_that_is_not_over_is_compared_with_the_same_hours(settings):
    hourly = [
        file_row(7 * week, 100, hour=hour, name=f"{week}-{hour}")
        for week in range(1, 4)
        for hour in range(24)
    ]
    today = [file_row(0, 100, hour=hour, name=f"0-{hour}") for hour in range(6)]
    arrive(settings, "1", *hourly, *today)
    assert volume(settings).passed
    arrive(settings, "2", file_row(0, 1, hour=12, name="0-12"))
    assert volume(settings).warnings, "six files by noon, where there were thirteen"


def test_before_three_weeks_the_lowest_day_stands_for_the_usual_one(settings):
    arrive(settings, "1", *(file_row(day) for day in range(1, 4)), file_row(0, 400))
    assert "volumes_are_usual" in check(settings)
    assert volume(settings).passed, "three days are no past"
    arrive(settings, "2", file_row(4))
    assert volume(settings).warnings


def test_a_new_application_has_no_usual_volume(settings):
    arrive(settings, "1", *weeks(4), file_row(0), file_row(0, 1, app_id="mobile"))
    assert volume(settings).passed


# --- freshness ---


def freshness(settings, **options):
    return check(settings, **options)["sources_are_fresh"]


def test_a_source_that_stopped_warns_after_three_of_its_intervals(settings):
    arrive(settings, "1", *weeks(2), *weeks(2, company_id="globex"), file_row(0))
    settings.now = NOW.replace(hour=2) + timedelta(days=2, hours=1)
    verdict = freshness(settings)
    assert not verdict.errors
    (said,) = verdict.warnings
    assert said.startswith(
        "globex web events: the newest file is globex/web/events/2025-03-09T02:00:00"
        " of 2025-03-09 02:00:00, one used to come every 24 hours"
    )


def test_files_without_a_rhythm_are_never_late(settings):
    arrive(settings, "1", *(file_row(day) for day in (30, 31, 32)))
    assert freshness(settings).passed


def test_weekly_files_may_be_three_weeks_old(settings):
    arrive(settings, "1", *(file_row(7 * week) for week in range(5)))
    settings.now = NOW + timedelta(days=20)
    assert freshness(settings).passed
    settings.now = NOW + timedelta(days=21)
    assert freshness(settings).warnings


def test_a_past_day_is_judged_as_of_its_end(settings):
    arrive(settings, "1", *weeks(2))
    settings.now = NOW + timedelta(days=100)
    assert freshness(settings).warnings
    assert freshness(settings, as_of=NOW.date()).passed


# --- clocks ---


def clock_row(number, ts_epoch, received_at=NOW):
    return {
        "company_id": "acme",
        "app_id": "web",
        "event_id": f"e{number}",
        "content_hash": f"c{number}",
        "event": "x",
        "user_hash": "a" * 64,
        "customer_org_id": "org",
        "environment": "production",
        "ts_epoch": ts_epoch,
        "received_at": received_at,
        "source_path": "acme/apps/web/events/a.jsonl",
        "line_number": number,
    }


def test_events_of_wrong_clocks_warn_with_their_number_and_their_file(settings):
    ten_years_ago = datetime(2015, 3, 10, tzinfo=UTC).timestamp()
    rows = [
        clock_row(1, 0),
        clock_row(2, int(ten_years_ago) - 1),
        clock_row(3, int(ten_years_ago)),
        clock_row(4, None, datetime(1970, 1, 2)),
    ]
    load(settings, "1", events=rows)
    verdict = check(settings)["clocks_are_right"]
    assert not verdict.blocks
    (said,) = verdict.warnings
    assert said.startswith(
        "acme web: 3 events from 1970-01-01 00:00:00 to 2015-03-09 23:59:59, one of them in"
        " acme/apps/web/events/a.jsonl"
    )
    assert "SAAS_TRACKER_HISTORY_YEARS" in said


def test_true_events_of_long_ago_pass_where_the_setting_says_so(settings):
    settings.history_years = 60
    load(settings, "1", events=[clock_row(1, 0)])
    assert check(settings).get("clocks_are_right") is None
