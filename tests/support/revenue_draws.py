"""Subscription files drawn at random, to be imported in different orders."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.ingestion.place import csv_text
from tests.ingestion.subscription_sheets import COLUMNS

DRAWS = 8
LOADS = (0, 2)  # the imports that bring the drawn files

_DAYS = st.dates(date(2024, 10, 1), date(2026, 4, 10))
_ROWS = st.fixed_dictionaries(
    {
        "external_org_id": st.sampled_from(["o1", "o2"]),
        "product_code": st.sampled_from(["base", "seats"]),
        "mrr": st.sampled_from(["0", "0.005", "9.99", "33.335", "100", "1299.5"]),
        "currency": st.sampled_from(["EUR", "USD"]),
        "start_at": _DAYS,
        "end_at": st.one_of(st.none(), st.integers(0, 400)),
        "status": st.sampled_from(["active", "active", "canceled", "paused", "void"]),
    }
)
_FILES = st.lists(st.lists(_ROWS, min_size=1, max_size=4), min_size=2, max_size=5)


@dataclass(frozen=True)
class Draw:
    """Files of disjoint subscriptions for each of the imports, and another order of theirs."""

    loads: tuple[list[list[dict]], ...]
    orders: tuple[list[int], ...]


@st.composite
def _draws(draw: st.DrawFn) -> Draw:
    loads = tuple(draw(_FILES) for _ in LOADS)
    return Draw(loads, tuple(draw(st.permutations(range(len(files)))) for files in loads))


def drawn_pairs() -> list[Draw]:
    collected: list[Draw] = []

    @seed(20260320)
    @settings(
        max_examples=DRAWS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_draws())
    def collect(drawn: Draw) -> None:
        collected.append(drawn)

    collect()
    return collected


def sheet(load: int, file: int, rows: list[dict]) -> str:
    cells = []
    for number, row in enumerate(rows):
        length = row["end_at"]
        end_at = None if length is None else row["start_at"] + timedelta(days=length)
        identity = f"{load}-{file}-{number}"
        cells.append({**row, "end_at": end_at, "source_subscription_id": identity})
    return csv_text(COLUMNS, cells)
