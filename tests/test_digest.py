"""The weekly digest: one message a company, by the webhook of the alerts."""

from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.pipeline.digest import digest_job, digest_schedule
from orchestration.platform.settings import OperationsSettings
from tests.test_alerts import webhook  # noqa: F401

CHANGES = [
    # company, organization, opened on, change, changed on, status
    ("acme", "org-1", "2025-03-05", "opened", "2025-03-05", "active"),
    ("acme", "org-2", "2025-02-05", "closed", "2025-03-09", "resolved"),
    ("acme", "org-3", "2025-03-05", "opened", "2025-03-05", "resolved"),
    ("acme", "org-3", "2025-03-05", "closed", "2025-03-08", "resolved"),
    ("acme", "org-4", "2025-03-03", "opened", "2025-03-03", "active"),
    ("globex", "org-1", "2025-03-10", "opened", "2025-03-10", "active"),
    ("quiet", "org-1", "2025-01-10", "opened", "2025-01-10", "active"),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "serving").mkdir()
    with duckdb.connect(str(tmp_path / "serving" / "all.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.companies as select company_id, upper(company_id) as name,"
            " date '2025-03-10' as as_of_date from (values ('quiet'), ('globex'), ('acme'))"
            " as companies (company_id)"
        )
        connection.execute(
            "create table marts.signal_changes (company_id text, external_org_id text,"
            " opened_on date, change text, changed_on date, status text, app_id text default 'all',"
            " signal_type text default 'usage_drop', days_held bigint default 3,"
            " display_name text default 'One',"
            " mrr decimal(18, 2) default 1240, priority double default 55.5,"
            " explanation text default 'Usage fell 46 %.')"
        )
        names = "company_id, external_org_id, opened_on, change, changed_on, status"
        connection.executemany(
            f"insert into marts.signal_changes ({names}) values (?, ?, ?, ?, ?, ?)", CHANGES
        )
    return Settings(warehouse=tmp_path / "w.duckdb", serving=tmp_path / "serving")


def send(settings: Settings, url: str | None) -> dg.ExecuteInProcessResult:
    operations = OperationsSettings(alert_webhook=url, _env_file=None)
    return digest_job(settings, operations).execute_in_process(raise_on_error=False)


def test_one_message_a_company_with_news(settings, webhook):  # noqa: F811
    url, received, _ = webhook
    assert send(settings, url).success
    assert [body["company_id"] for body in received] == ["acme", "globex"]
    text = received[0]["text"]
    assert text.startswith("ACME (acme): 1 opened, 0 dismissed, 1 closed in the 7 days up to 2025-")
    assert "One (org-1), usage_drop: Usage fell 46 %." in text
    assert "org-3" not in text
    (opened,) = received[0]["opened"]
    assert (opened["external_org_id"], opened["opened_on"]) == ("org-1", str(date(2025, 3, 5)))
    assert [row["external_org_id"] for row in received[0]["closed"]] == ["org-2"]


def test_what_is_not_delivered_fails_the_run(settings, webhook):  # noqa: F811
    url, received, answer = webhook
    answer[0] = 500
    assert not send(settings, url).success
    assert len(received) == 2  # the second company is not left out


def test_without_a_webhook_or_a_copy_it_says_so(settings, webhook):  # noqa: F811
    assert not send(settings, None).success
    (settings.serving / "all.duckdb").unlink()
    url, received, _ = webhook
    assert not send(settings, url).success
    assert received == []


def test_the_schedule_is_off_until_somebody_starts_it(settings):
    schedule = digest_schedule(digest_job(settings, OperationsSettings(_env_file=None)))
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert schedule.cron_schedule == "0 7 * * 1"
