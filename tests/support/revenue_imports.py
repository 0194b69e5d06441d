"""The known and the drawn subscription files, imported one after the other, and built by dbt."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from orchestration.transformation.arguments import NO_CALLS
from tests.ingestion.place import Place, csv_text
from tests.support.dbt_runner import finish_dbt, start_dbt
from tests.support.raw_warehouse import write_seeds
from tests.support.revenue_cases import AS_OF, CASES, IMPORTS, RATES, write_case
from tests.support.revenue_draws import LOADS, Draw, drawn_pairs, sheet
from tests.support.worlds import PROJECT_SEEDS

RATE_COLUMNS = ("rate_date", "currency", "units_per_eur")
MARTS = (
    "subscriptions",
    "mrr_monthly",
    "mrr_trend",
    "mrr_movements",
    "mrr_movement_details",
    "mrr_movements_monthly",
    "revenue_retention",
    "revenue_cohorts",
    "mrr_restatements",
    "mrr_restatement_details",
    "revenue_changes",
)


@dataclass(frozen=True)
class Built:
    """The marts as first built, and what became of them when a rate was edited."""

    first: dict[str, list[dict]]
    edited: dict[str, list[dict]]


def build_imports(folder: Path) -> Built:
    """Load the files of every import in turn, then build twice."""
    place = Place(folder)
    pairs = drawn_pairs()
    names = [f"co-{number}-{side}" for number in range(len(pairs)) for side in "ab"]
    currencies = {**dict.fromkeys(names, "EUR"), **{name: CASES[name].currency for name in CASES}}
    (place.folder / "seeds/companies.csv").write_text(
        csv_text(
            ("company_id", "name", "plan", "reporting_currency", "date_order"),
            [(name, name, "growth", currency, "") for name, currency in currencies.items()],
        )
    )
    (place.folder / "seeds/applications.csv").write_text("company_id,app_id,name\n")
    (place.folder / "seeds/exchange_rates.csv").write_text(csv_text(RATE_COLUMNS, RATES))
    for name in names:
        organizations = csv_text(("org_id", "name"), [("o1", "One"), ("o2", "Two")])
        place.write(f"{name}/imports/organizations/orgs.csv", organizations)
    for load, moment in enumerate(IMPORTS):
        for name in CASES:
            write_case(place, name, load)
        if load in LOADS:
            _write_pairs(place, pairs, load)
        place.now = moment
        place.quick_load()
    first = _build(place, RATES)
    edited = [(*rate[:2], "1.3") if rate[0] == "2025-11-28" else rate for rate in RATES]
    return Built(first, _build(place, edited))


def _write_pairs(place: Place, pairs: list[Draw], load: int) -> None:
    """The same files of one import for both of each pair, in different orders."""
    for number, pair in enumerate(pairs):
        files = pair.loads[LOADS.index(load)]
        for side, order in (("a", range(len(files))), ("b", pair.orders[LOADS.index(load)])):
            for position, file in enumerate(order):
                place.write(
                    f"co-{number}-{side}/imports/subscriptions/{load}-{file}.csv",
                    sheet(load, file, files[file]),
                    IMPORTS[load].replace(tzinfo=None) - timedelta(minutes=60 - position),
                )


def _build(place: Place, rates: Iterable[tuple[str, ...]]) -> dict[str, list[dict]]:
    seeds, warehouse = place.folder / "dbt_seeds", place.settings.warehouse
    with (place.folder / "seeds/companies.csv").open(newline="") as stream:
        companies = list(csv.DictReader(stream))
    rows = [dict(zip(RATE_COLUMNS, rate, strict=True)) for rate in rates]
    write_seeds(seeds, PROJECT_SEEDS, {"companies": companies, "exchange_rates": rows})
    finish_dbt(
        start_dbt(
            "build",
            "--exclude-resource-type",
            "test",
            "unit_test",
            "--select",
            *(f"+{mart}" for mart in MARTS),
            *NO_CALLS,
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
