"""The oracle of the backtest on the example that docs/signals.md works out."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.oracle.backtest import Backtest
from tests.oracle.episodes import Episode
from tests.oracle.inputs import ALL, CompanyInputs, read_seeds
from tests.oracle.mrr import Revenue
from tests.oracle.signals import Held
from tests.support.company_rows import CompanyRows, World, at
from tests.support.worlds import PROJECT_SEEDS

D = date(2026, 12, 31)
FIRST_SCAN = date(2026, 1, 1)


def episode(org: str, opened_on: date, days: int) -> Episode:
    held = [
        Held(
            scope=ALL,
            external_org_id=org,
            signal_type="usage_drop",
            day=opened_on + timedelta(days=number),
            is_condition_met=True,
            usage_ratio=Fraction(1, 2),
            severity=Fraction(1, 2),
            priority=Decimal("50.0"),
            mrr=Decimal("100.00"),
            health_score=None,
            events_30d=5,
            events_previous_30d=10,
            days_since_last_seen=1,
            last_seen_at=None,
        )
        for number in range(days)
    ]
    return Episode(tuple(held), D, None)


def test_the_example_of_the_documentation() -> None:
    company = CompanyRows("co", D)
    for org, mrr, start, end in [
        ("a", "100", date(2025, 1, 1), None),
        ("b", "100", date(2025, 1, 1), date(2026, 3, 20)),
        ("b", "60", date(2026, 3, 21), None),
        ("c", "100", date(2025, 1, 1), date(2026, 4, 30)),
        ("d", "100", date(2025, 1, 1), None),
    ]:
        company.subscription(org, mrr, start, applied_at=at(start), end_at=end)
    world = World(D, (company,), {})
    seeds = read_seeds(PROJECT_SEEDS)
    inputs = CompanyInputs("co", D, world.raw_rows(), seeds | world.seed_rows(seeds))
    episodes = [
        episode("a", date(2026, 3, 1), 10),
        episode("a", date(2026, 11, 15), 10),
        episode("b", date(2026, 3, 1), 10),
        episode("c", FIRST_SCAN, 31),
    ]
    types = [{"signal_type": "usage_drop", "is_risk": "true"}]
    (row,) = Backtest(Revenue(inputs), episodes, FIRST_SCAN, types).rows()
    assert row == {
        "signal_type": "usage_drop",
        "outcome": "lost",
        "episodes": 4,
        "episodes_pending": 1,
        "episodes_from_start": 1,
        "episodes_not_paying": 0,
        "episodes_judged": 2,
        "episodes_lost": 1,
        "episodes_grown": 0,
        "organizations_judged": 2,
        "organizations_lost": 1,
        "organizations_grown": 0,
        "precision_rate": Fraction(1, 2),
        "precision_low": pytest.approx(0.0945312057),  # of one in two
        "precision_high": pytest.approx(0.9054687943),
        "comparison_days": 2,
        "base_rate": Fraction(1, 2),
        "lift": 1,
        "churned_mrr": Decimal("100.00"),
        "churned_mrr_with_signal": Decimal("100.00"),
        "churned_mrr_share": 1,
        "median_lead_days": 20,
        "horizon_days": 90,
        "as_of_date": D,
    }
