"""The cohort tables of ``saas-tracker revenue --cohorts``: what is shown, and that it fits."""

from datetime import date

import pytest

from orchestration.cli.cohorts import print_cohorts


def _cohorts(months: int, mrr: float) -> list[dict]:
    """A cohort a month, each followed to the last: half of the MRR and organizations stay."""
    starts = [date(2020 + number // 12, number % 12 + 1, 1) for number in range(months)]
    return [
        {
            "cohort_month": start,
            "months_since": age,
            "organizations": 1200 if age == 0 else 600,
            "mrr": mrr if age == 0 else mrr / 2,
            "share_of_first_month": 1.0 if age == 0 else 0.5,
        }
        for number, start in enumerate(starts)
        for age in range(months - number)
    ]


@pytest.mark.parametrize("mrr", [99.5, 98_765_432.1])
def test_five_years_fit_into_a_hundred_columns(capsys, mrr):
    print_cohorts(_cohorts(60, mrr), months=24)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    rows = [line.split() for line in lines if line.strip().startswith("202")]
    assert len(rows) == 3 * 24
    assert rows[0][:4] == ["2023-01", "1,200", "600", "600"]
    assert rows[-1] == ["2024-12", "100%"]
    assert "36 earlier cohorts are not shown: --months 60" in lines[-1]


def test_a_young_company_has_few_columns(capsys):
    print_cohorts(_cohorts(2, 400.0), months=12)
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines() if line.strip().startswith("2020")]
    assert rows == [
        *(["2020-01", "1,200", "600"], ["2020-02", "1,200"]),
        *(["2020-01", "400", "200"], ["2020-02", "400"]),
        *(["2020-01", "100%", "50%"], ["2020-02", "100%"]),
    ]
    assert "not shown" not in out


def test_without_a_paying_organization_there_is_a_line(capsys):
    print_cohorts([], months=12)
    assert "no cohorts" in capsys.readouterr().out
