"""`health`: the bands, who changed them, and what the score is worth in one sentence."""

import json
from datetime import date

import duckdb
import pytest

from tests.test_cli import call, home, published  # noqa: F401

D = date(2025, 3, 10)
BANDS = ("healthy", "watch", "at_risk", "no_recent_activity")
AUC = {"health_score": 0.71, "usage_ratio": 0.65, "mrr": 0.52, "tenure": 0.49, "random": 0.5}
CAPTURED = {"health_score": 0.31, "usage_ratio": 0.3, "mrr": 0.24, "tenure": 0.1, "random": 0.1}


@pytest.fixture
def scored(published):  # noqa: F811
    """Published marts with bands, a change of band and a scorecard."""
    with duckdb.connect(str(published / "serving" / "all.duckdb")) as connection:
        connection.execute(
            "create table marts.health_distribution (company_id text, app_id text, date_day date,"
            " health_band text, organizations bigint)"
        )
        connection.execute(
            "create table marts.health_scorecard (company_id text, health_band text,"
            " organization_months bigint, lost bigint, loss_rate double, loss_rate_low double,"
            " loss_rate_high double, mrr_lost decimal(18, 2))"
        )
        for number, band in enumerate(BANDS):
            connection.execute(
                "insert into marts.health_distribution values ('acme', 'all', $1, $2, $3)",
                [D, band, 10 + number],
            )
            connection.execute(
                "insert into marts.health_scorecard values ('acme', $1, 100, $2, $2 / 100, 0.01,"
                " 0.4, 1000)",
                [band, 10 * number],
            )
        connection.execute(
            "create table marts.organization_health_changes as select 'acme' as company_id,"
            " 'all' as app_id, 'org-1' as external_org_id, date '2025-03-01' as changed_on,"
            " 'watch' as health_band_before, 'at_risk' as health_band, 'declined' as direction,"
            " 52.0 as health_score_before, 31.5 as health_score, 'trend' as main_mover,"
            " 'trend -14.0, users -6.5' as moves, true as is_current"
        )
        connection.execute(
            "create table marts.score_rankings (company_id text, ranking text,"
            " organization_months bigint, lost bigint, auc double, auc_low double,"
            " auc_high double, precision_top_decile double, mrr_captured_top_decile double,"
            " verdict text)"
        )
        for ranking, auc in AUC.items():
            verdict = "useful" if ranking == "health_score" else None
            connection.execute(
                "insert into marts.score_rankings values ('acme', $1, 400, 60, $2, $3, $4, 0.3,"
                " $5, $6)",
                [ranking, auc, auc - 0.05, auc + 0.05, CAPTURED[ranking], verdict],
            )
    return published


def test_health_for_people(scored, capsys):
    code, out, _ = call(capsys, "health", "--company", "acme")
    assert code == 0
    for words in (
        "52.0 → 31.5",
        "trend -14.0, users -6.5",
        "30.0 %",
        "0.66-0.76",
        "The health score is useful: its lowest tenth held 31.0 % of the MRR lost in 400"
        " organization-months, the largest tenth 24.0 %, any tenth 10.0 %.",
    ):
        assert words in " ".join(out.split()), words


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("too_few_losses", "Too early to say"),
        ("no_better_than_chance", "no better than chance"),
        ("no_better_than_sorting_by_mrr", "no better than sorting by MRR"),
    ],
)
def test_a_score_that_tells_nothing_is_said_to(scored, capsys, verdict, words):
    with duckdb.connect(str(scored / "serving" / "all.duckdb")) as connection:
        connection.execute(
            "update marts.score_rankings set verdict = $1 where ranking = 'health_score'", [verdict]
        )
    assert words in call(capsys, "health", "--company", "acme")[1]
    facts = json.loads(call(capsys, "health", "--company", "acme", "--json")[1])
    assert (facts["verdict"], words in facts["in_words"]) == (verdict, True)
    assert [row["health_band"] for row in facts["distribution"]] == list(BANDS)


def test_health_before_anything_can_be_judged(scored, capsys):
    with duckdb.connect(str(scored / "serving" / "all.duckdb")) as connection:
        connection.execute(
            "update marts.score_rankings set organization_months = 0, lost = 0, auc = null,"
            " auc_low = null, auc_high = null, precision_top_decile = null,"
            " mrr_captured_top_decile = null"
        )
        connection.execute(
            "update marts.score_rankings set verdict = 'too_few_losses' where verdict is not null"
        )
        connection.execute("delete from marts.organization_health_changes")
    code, out, _ = call(capsys, "health", "--company", "acme")
    assert code == 0
    assert "No organization changed its band in the last 30 days." in out
    assert "0 losses in 0 organization-months" in out
