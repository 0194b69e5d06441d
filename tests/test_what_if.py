"""The backtest with other rules: as the oracle says, and nothing that exists is changed."""

import hashlib
import shutil
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.transformation.what_if import backtest_with
from tests.oracle.company import Company
from tests.oracle.inputs import CompanyInputs, Row, read_seeds
from tests.oracle.signal_marts import signal_backtest
from tests.support.compare import differences, report
from tests.support.worlds import COMPANIES_PER_WORLD, PROJECT_SEEDS, BuiltWorld

COMPANY = f"drawn-{COMPANIES_PER_WORLD - 1}"  # the one with years of history
RULES = {
    ("usage_drop", "max_ratio"): "0.85",
    ("usage_drop", "min_previous_events"): "3",
    ("inactive_paying", "inactive_days"): "12",
    ("expansion_candidate", "min_ratio"): "1.05",
    ("expansion_candidate", "close_ratio"): "1",
    ("usage_drop", "hold_days"): "2",
    ("usage_drop", "fleet_min_organizations"): "2",
}


@pytest.fixture(scope="module")
def settings(built_worlds: list[BuiltWorld], tmp_path_factory) -> Settings:
    """A warehouse of its own, a copy of the second world's."""
    folder = tmp_path_factory.mktemp("what_if")
    warehouse = folder / built_worlds[1].warehouse.name
    shutil.copy(built_worlds[1].warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        # As a build that continues the last one leaves it: only what it has scanned again.
        connection.execute(
            "delete from intermediate.int_signal_candidates__this_run where date_day < $1",
            [built_worlds[1].world.as_of],
        )
    return Settings(warehouse=warehouse, serving=folder / "serving", seeds=PROJECT_SEEDS)


def expected(built: BuiltWorld, rules: dict[tuple[str, str], str]) -> list[Row]:
    """The oracle's backtest of the company, with own rows of these rules."""
    seeds = read_seeds(PROJECT_SEEDS)
    seeds |= built.world.seed_rows(seeds)
    kept = [
        row
        for row in seeds["signal_rules"]
        if row["company_id"] != COMPANY or (row["signal_type"], row["parameter"]) not in rules
    ]
    own = [
        {"company_id": COMPANY, "signal_type": name[0], "parameter": name[1], "value": value}
        for name, value in rules.items()
    ]
    raw = built.world.raw_rows()
    inputs = CompanyInputs(COMPANY, built.world.as_of, raw, seeds | {"signal_rules": kept + own})
    return signal_backtest(Company(inputs))


def checksums(settings: Settings) -> dict[Path, str]:
    files = [
        settings.warehouse,
        *PROJECT_SEEDS.iterdir(),
        *(PROJECT_ROOT / "dbt_project").glob("*"),
    ]
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}


def test_other_rules_give_what_the_oracle_says_and_change_nothing(
    built_worlds: list[BuiltWorld], settings: Settings
) -> None:
    before = checksums(settings)
    result = backtest_with(settings, COMPANY, RULES)
    assert checksums(settings) == before
    now, then = expected(built_worlds[1], {}), expected(built_worlds[1], RULES)
    for rows, found in ((now, result.current), (then, result.changed)):
        wrong = differences(("signal_type",), rows, found)
        assert not wrong, report("signal_backtest", wrong)
    changed = {a["signal_type"] for a, b in zip(now, then, strict=True) if a != b}
    assert changed == {signal_type for signal_type, _ in RULES}
    assert {change.name: change.value for change in result.changes} == {
        ".".join(name): float(value) for name, value in RULES.items()
    }
    assert result.warnings == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (("usage_drop", "max"), "0.6", "usage_drop.max_ratio"),
        (("usage_fall", "max_ratio"), "0.6", "usage_drop.max_ratio"),
        (("usage_drop", "max_ratio"), "most", "number"),
        (("usage_drop", "max_ratio"), "-0.1", "number"),
        (("usage_drop", "max_ratio"), "nan", "number"),
        (("usage_drop", "max_ratio"), "1e12", "number"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(settings, name, value, words) -> None:
    with pytest.raises(UserError, match=words) as error:
        backtest_with(settings, COMPANY, {name: value})
    assert len(str(error.value).splitlines()) == 1


def test_an_unknown_company_is_told_the_known_ones(settings) -> None:
    with pytest.raises(UserError, match=COMPANY):
        backtest_with(settings, "nobody", RULES)


def test_without_a_warehouse_there_is_nothing_to_compare(settings, tmp_path) -> None:
    with pytest.raises(UserError, match="saas-tracker run"):
        backtest_with(settings.model_copy(update={"warehouse": tmp_path / "no.duckdb"}), "a", RULES)
