"""`signals`, its digest, `dismiss` and the backtest at the command line."""

import csv
import io
import json
from datetime import date, timedelta

import duckdb
import pytest

from orchestration.transformation.what_if import Change, Comparison
from tests.test_cli import call, files, home, published  # noqa: F401

D = date(2025, 3, 10)
EPISODES = [
    # organization, type, days ago: opened, dismissed, closed; does it pay
    ("org-1", "inactive_paying", 40, None, None, True),
    ("org-1", "usage_drop", 20, None, 3, True),
    ("org-1", "revenue_at_risk", 12, 2, None, True),
    ("org-2", "usage_drop", 6, None, 0, False),
    ("org-2", "revenue_at_risk", 60, 30, 7, False),
]


@pytest.fixture
def changed(published):  # noqa: F811
    """Published marts with episodes and what changed in them."""

    def day(ago):
        return None if ago is None else D - timedelta(days=ago)

    episodes, changes = [], []
    for org, signal_type, opened, dismissed, closed, pays in EPISODES:
        status = "resolved" if closed is not None else "dismissed" if dismissed else "active"
        keys = ["acme", "all", org, signal_type]
        episodes.append([*keys, status, day(dismissed), day(closed)])
        for change, ago in (("opened", opened), ("dismissed", dismissed), ("closed", closed)):
            if ago is not None:
                words = "No event for 40 days." if status == "active" else None
                held = opened - (-1 if closed is None else closed)
                changes.append([*keys, day(opened), change, day(ago), status, pays, words, held])
    with duckdb.connect(str(published / "serving" / "all.duckdb")) as connection:
        connection.execute(
            "create table marts.signal_episodes (company_id text, app_id text,"
            " external_org_id text, signal_type text, status text, dismissed_at date,"
            " closed_on date)"
        )
        connection.executemany(
            "insert into marts.signal_episodes values (?, ?, ?, ?, ?, ?, ?)", episodes
        )
        connection.execute(
            "create table marts.signal_changes (company_id text, app_id text,"
            " external_org_id text, signal_type text, opened_on date, change text,"
            " changed_on date, status text,"
            " is_paying boolean, explanation text, display_name text default 'One',"
            " mrr decimal(18, 2) default 1240, priority double default 55.5,"
            " days_held bigint, dismissed_by text default 'cs', reason text default 'ok')"
        )
        names = (
            "company_id, app_id, external_org_id, signal_type, opened_on, change, changed_on,"
            " status, is_paying, explanation, days_held"
        )
        connection.executemany(
            f"insert into marts.signal_changes ({names}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            changes,
        )
    return published


# --- the digest ---


def names(found):
    return ", ".join(sorted(f"{row['external_org_id']} {row['change']}" for row in found))


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("1d", "org-2 closed"),
        ("7d", "org-1 closed, org-1 dismissed"),  # org-2's opened and closed within the week
        ("2025-03-04", "org-1 closed, org-1 dismissed"),
        ("2025-03-05", "org-1 closed, org-1 dismissed, org-2 closed"),
    ],
)
def test_the_digest_has_what_changed_since(changed, capsys, since, expected):
    code, out, _ = call(capsys, "signals", "--company", "acme", "--since", since, "--json")
    assert code == 0
    assert names(json.loads(out)) == expected
    code, out, _ = call(capsys, "signals", "--company", "acme", "--since", since, "--csv")
    assert names(csv.DictReader(io.StringIO(out))) == expected


def test_a_week_is_seven_days_that_end_on_the_day_of_the_marts(changed, capsys):
    def found(since):
        return json.loads(
            call(capsys, "signals", "--company", "acme", "--since", since, "--json")[1]
        )

    assert found("1w") == found("7d")
    assert len(found("8d")) == len(found("7d")) + 1
    assert len(found("99999999w")) == 8  # without the six days of org-2


def test_the_digest_for_people_says_why(changed, capsys):
    code, out, _ = call(capsys, "signals", "--company", "acme", "--since", "60d")
    assert code == 0
    for words in (
        "3 opened, 2 dismissed, 2 closed",
        "No event for 40 days.",
        "by cs: ok",
        "after 53 days; the organization does not pay",
        "closed again after 17 days",
        "revenue_at_risk is the signal here",
    ):
        assert words in " ".join(out.split()), words


def test_the_list_says_since_when_and_by_which_condition(published, capsys):  # noqa: F811
    _, out, _ = call(capsys, "signals", "--company", "acme")
    assert "inactive_paying since 2025-02-04: It pays 99.50" in out
    with duckdb.connect(str(published / "serving" / "all.duckdb")) as connection:
        connection.execute("update marts.signals set is_condition_met = false")
    _, out, _ = call(capsys, "signals", "--company", "acme")
    assert "inactive_paying since 2025-02-04, easing but not closed: It pays" in out
    (row,) = json.loads(call(capsys, "signals", "--company", "acme", "--json")[1])
    assert row["signals"][0]["opened_on"] == "2025-02-04"
    assert row["signals"][0]["is_condition_met"] is False


def test_the_list_as_csv(published, capsys):  # noqa: F811
    _, out, _ = call(capsys, "signals", "--company", "acme", "--csv")
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["external_org_id"], row["last_seen_at"]) == ("org-1", "2025-01-05T08:00:00")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--since", "soon"],
        ["--since", "0d"],
        ["--since", ""],
        ["--json", "--csv"],
        ["backtest", "--set", "usage_drop=1"],
        ["backtest", "--set", "usage_drop.max_ratio"],
        ["backtest", "--set", "usage_drop.max_ratio="],
    ],
)
def test_wrong_usage_of_signals_is_one_line_and_2(published, capsys, arguments):  # noqa: F811
    company = ["--company", "acme"]
    if arguments[0] == "backtest":
        company, arguments = ["backtest", *company], arguments[1:]
    code, out, err = call(capsys, "signals", *company, *arguments)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert "--help" in err


# --- dismissing ---


@pytest.mark.parametrize(
    ("org", "signal_type", "words"),
    [
        ("nobody", "usage_drop", "nobody"),
        ("org-1", "usage_drop", "not open on 2025-03-10"),  # closed three days before
        ("org-1", "expansion_candidate", "open: inactive_paying, revenue_at_risk"),
        ("org-1", "revenue_at_risk", "dismissed already, on 2025-03-08"),
    ],
)
def test_what_is_not_open_cannot_be_dismissed(changed, capsys, org, signal_type, words):
    code, out, err = call(
        capsys, "dismiss", "--company", "acme", "--org", org, "--signal", signal_type
    )
    assert (code, out) == (1, "")
    assert words in err
    assert len(err.strip().splitlines()) == 1
    assert not (changed / "warehouse" / "tracker.duckdb").exists()


def test_an_open_episode_is_dismissed_on_the_day_of_the_marts(changed, files, capsys, monkeypatch):  # noqa: F811
    monkeypatch.setenv("SAAS_TRACKER_NOW", "2025-03-14T12:00:00Z")
    call(
        capsys,
        *("import", "organizations", files / "organizations.csv", "--company", "acme", "--apply"),
    )
    code, out, _ = call(
        capsys,
        *("dismiss", "--company", "acme", "--org", "org-1", "--signal", "inactive_paying"),
        *("--reason", "known", "--json"),
    )
    assert code == 0
    assert json.loads(out)["dismissed_at"] == "2025-03-10"
    with duckdb.connect(str(changed / "warehouse" / "tracker.duckdb")) as connection:
        assert connection.execute(
            "select external_org_id, signal_type, dismissed_at, reason from raw.dismissal_versions"
        ).fetchall() == [("org-1", "inactive_paying", D, "known")]


# --- the backtest ---


def backtest_row(signal_type, precision):
    return {
        "company_id": "acme",
        "signal_type": signal_type,
        "outcome": "lost",
        "episodes": 7,
        "episodes_judged": 4,
        "episodes_lost": 1,
        "precision_rate": precision,
        "precision_low": 0.05,
        "precision_high": 0.85,
        "base_rate": 0.125,
        "lift": None,
        "churned_mrr_share": 0.5,
        "median_lead_days": 21.5,
        "horizon_days": 90,
    }


def test_the_backtest_compares_only_what_differs(home, capsys, monkeypatch):  # noqa: F811
    rows = [backtest_row("inactive_paying", 0.5), backtest_row("usage_drop", 0.25)]
    result = Comparison(
        {"company_id": "acme", "name": "Acme", "as_of_date": D},
        [
            Change("usage_drop", "max_ratio", 0.7, 0.9),
            Change("usage_drop", "hold_days", None, 2),
        ],
        ["usage_drop opens at max_ratio 0.9 and closes already at close_ratio 0.85"],
        rows,
        [rows[0], backtest_row("usage_drop", 0.75)],
    )
    target = "orchestration.transformation.what_if.backtest_with"
    monkeypatch.setattr(target, lambda *_: result)
    arguments = ["signals", "backtest", "--company", "acme", "--set", "usage_drop.max_ratio=0.9"]
    code, out, err = call(capsys, *arguments)
    assert code == 0
    assert "usage_drop.max_ratio = 0.9 (now 0.7)" in out
    assert "usage_drop.hold_days = 2 (now without a row)" in out
    assert "warning: usage_drop opens at max_ratio 0.9 and closes already" in err
    assert "5.0-85.0 %" in out
    assert "25.0 %" in out
    assert "75.0 %" in out
    assert "inactive_paying" not in out
    facts = json.loads(call(capsys, *arguments, "--json")[1])
    assert facts["changes"][0]["value"] == 0.9
    assert [row["precision_rate"] for row in facts["changed"]] == [0.5, 0.75]
