"""Revenue from files to marts: order of import, edited rates, and the project's variable."""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.ingestion.place import Place, csv_text
from tests.ingestion.subscription_sheets import COLUMNS
from tests.support.dbt_runner import DbtError, finish_dbt, start_dbt
from tests.support.raw_warehouse import write_seeds
from tests.support.worlds import PROJECT_SEEDS, BuiltWorld

AS_OF = date(2024, 6, 20)
IMPORTS = (datetime(2024, 2, 10, 6, tzinfo=UTC), datetime(2024, 5, 10, 6, tzinfo=UTC))
RATES = {"2023-01-31": "1.1", "2024-01-31": "1.25", "2024-03-29": "1.2", "2024-04-30": "1.1"}
DRAWS = 8

# What follows from the company's id, which is all that the two of a pair do not share.
OWN_COLUMNS = {"company_id", "subscription_id", "import_path", "import_paths"}
MARTS = (
    "subscriptions",
    "mrr_monthly",
    "mrr_trend",
    "mrr_movements",
    "mrr_movement_details",
    "revenue_retention",
    "revenue_cohorts",
    "mrr_restatements",
    "mrr_restatement_details",
    "revenue_changes",
)

_DAYS = st.dates(date(2023, 1, 1), date(2024, 7, 10))
_ROWS = st.fixed_dictionaries(
    {
        "external_org_id": st.sampled_from(["o1", "o2"]),
        "product_code": st.sampled_from(["base", "seats"]),
        "mrr": st.sampled_from(["0", "0.005", "9.99", "33.335", "100", "1299.5"]),
        "currency": st.sampled_from(["EUR", "USD"]),
        "start_at": _DAYS,
        "end_at": st.one_of(st.none(), st.integers(0, 400)),
        "status": st.sampled_from(["active", "active", "canceled", "paused"]),
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
    loads = tuple(draw(_FILES) for _ in IMPORTS)
    return Draw(loads, tuple(draw(st.permutations(range(len(files)))) for files in loads))


def _drawn() -> list[Draw]:
    collected: list[Draw] = []

    @seed(20240620)
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


def _sheet(load: int, file: int, rows: list[dict]) -> str:
    cells = []
    for number, row in enumerate(rows):
        length = row["end_at"]
        end_at = None if length is None else row["start_at"] + timedelta(days=length)
        identity = f"{load}-{file}-{number}"
        cells.append({**row, "end_at": end_at, "source_subscription_id": identity})
    return csv_text(COLUMNS, cells)


@dataclass(frozen=True)
class Built:
    """The warehouse as first built, and what became of it when a rate was edited."""

    first: dict[str, list[dict]]
    edited: dict[str, list[dict]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    place = Place(tmp_path_factory.mktemp("orders") / "place")
    pairs = _drawn()
    names = [f"co-{number}-{side}" for number in range(len(pairs)) for side in "ab"]
    (place.folder / "seeds/companies.csv").write_text(
        csv_text(
            ("company_id", "name", "plan", "reporting_currency", "date_order"),
            [(name, name, "growth", "EUR", "") for name in names],
        )
    )
    for name in names:
        organizations = csv_text(("org_id", "name"), [("o1", "One"), ("o2", "Two")])
        place.write(f"{name}/imports/organizations/orgs.csv", organizations)
    for load, moment in enumerate(IMPORTS):
        for number, pair in enumerate(pairs):
            for side, order in (("a", range(len(pair.loads[load]))), ("b", pair.orders[load])):
                for position, file in enumerate(order):
                    place.write(
                        f"co-{number}-{side}/imports/subscriptions/{load}-{file}.csv",
                        _sheet(load, file, pair.loads[load][file]),
                        moment.replace(tzinfo=None) - timedelta(minutes=60 - position),
                    )
        place.now = moment
        place.quick_load()
    with duckdb.connect(str(place.settings.warehouse)) as connection:
        connection.execute("create table raw._dlt_loads (load_id varchar, status bigint)")
    first = _build(place, names, RATES)
    return Built(first, _build(place, names, {**RATES, "2024-03-29": "1.3"}))


def _build(place: Place, names: list[str], rates: dict[str, str]) -> dict[str, list[dict]]:
    seeds, warehouse = place.folder / "dbt_seeds", place.settings.warehouse
    with (place.folder / "seeds/companies.csv").open(newline="") as stream:
        companies = list(csv.DictReader(stream))
    rows = [{"rate_date": d, "currency": "USD", "units_per_eur": u} for d, u in rates.items()]
    write_seeds(seeds, PROJECT_SEEDS, {"companies": companies, "exchange_rates": rows})
    finish_dbt(
        start_dbt(
            "build",
            "--exclude-resource-type",
            "test",
            "unit_test",
            "--select",
            *(f"+{mart}" for mart in MARTS),
            warehouse=warehouse,
            seeds=seeds,
            work_dir=place.folder / "dbt",
            as_of=AS_OF,
        )
    )
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {mart: _rows(connection, mart) for mart in MARTS}


def _rows(connection: duckdb.DuckDBPyConnection, mart: str) -> list[dict]:
    result = connection.execute(f"select * from marts.{mart}")
    columns = [column[0] for column in result.description]
    return [dict(zip(columns, values, strict=True)) for values in result.fetchall()]


def _comparable(rows: list[dict], company_id: str) -> list[str]:
    return sorted(
        str([value for column, value in row.items() if column not in OWN_COLUMNS])
        for row in rows
        if row["company_id"] == company_id
    )


@pytest.mark.parametrize("mart", MARTS)
def test_the_order_of_independent_imports_changes_nothing(built: Built, mart: str) -> None:
    rows = built.first[mart]
    for number in range(DRAWS):
        assert _comparable(rows, f"co-{number}-a") == _comparable(rows, f"co-{number}-b")
    assert len(rows) > DRAWS


def test_an_edited_rate_restates_its_months_without_a_row(built: Built) -> None:
    before, after = (
        {(row["company_id"], row["month"]): row["mrr"] for row in marts["mrr_trend"]}
        for marts in (built.first, built.edited)
    )
    assert before.keys() == after.keys()
    changed = {
        month for company, month in before if before[company, month] != after[company, month]
    }
    assert changed == {date(2024, 3, 1)}  # the next rate is of April
    assert {row["month"] for row in built.first["mrr_restatements"]} >= {date(2024, 1, 1)}
    for mart in ("mrr_restatements", "mrr_restatement_details"):
        keys = [{_restated(row) for row in marts[mart]} for marts in (built.first, built.edited)]
        assert keys[0] == keys[1]


def _restated(row: dict) -> tuple:
    return row["company_id"], row["month"], row["applied_at"], row.get("subscription_id")


def test_restatements_of_an_edited_month_are_at_the_rates_of_today(built: Built) -> None:
    """Their last figure is what the trend says, before and after the edit."""
    for marts in (built.first, built.edited):
        trend = {(row["company_id"], row["month"]): row["mrr"] for row in marts["mrr_trend"]}
        last = {}
        for row in sorted(marts["mrr_restatements"], key=lambda row: row["applied_at"]):
            last[row["company_id"], row["month"]] = row["mrr_after"]
        assert last
        assert all(trend.get(key, 0) == mrr for key, mrr in last.items())


def test_an_unknown_month_rule_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(DbtError, match="mrr_month_rule is 'monthly'; set it to month_end or any"):
        finish_dbt(
            start_dbt(
                "parse",
                warehouse=tmp_path / "warehouse.duckdb",
                seeds=PROJECT_SEEDS,
                work_dir=tmp_path / "dbt",
                as_of=AS_OF,
                variables={"mrr_month_rule": "monthly"},
            )
        )


def test_columns_carry_the_words_of_the_documentation(built_worlds: list[BuiltWorld]) -> None:
    with duckdb.connect(str(built_worlds[0].warehouse), read_only=True) as connection:
        comments = dict(
            connection.execute(
                "select table_name || '.' || column_name, comment from duckdb_columns()"
                " where schema_name = 'marts'"
            ).fetchall()
        )
    assert comments["revenue_kpis.arpa"] == "MRR / paying organizations; null without any."
    assert None not in comments.values()
    assert not [name for name, text in comments.items() if "<!" in text or "->" in text[-3:]]
