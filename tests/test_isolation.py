"""A company's copies do not depend on another's data, whatever the other one is called and does."""

from dataclasses import replace

import duckdb
import pytest

from orchestration.serving.publish import publish
from tests.oracle.inputs import read_seeds
from tests.support.dbt_runner import finish_dbt, start_dbt
from tests.support.raw_warehouse import build_warehouse, write_seeds
from tests.support.strategies import companies
from tests.support.worlds import PROJECT_SEEDS, draw_company, rename

pytestmark = pytest.mark.slow

# What all companies have in common: days from the first of any company's data on.
SHARED = {"dates"}


@pytest.fixture(scope="module")
def two_worlds(built_worlds, tmp_path_factory):
    """The serving folders of a world and of one in which every second company is another one."""
    folder = tmp_path_factory.mktemp("isolation")
    built = built_worlds[0]
    kept = built.world.companies[::2]
    others = [
        _another(built.world.as_of, company, n)
        for n, company in enumerate(built.world.companies[1::2])
    ]
    world = replace(built.world, companies=(*others, *kept))
    seeds, warehouse = folder / "seeds", folder / built.warehouse.name
    write_seeds(seeds, PROJECT_SEEDS, world.seed_rows(read_seeds(PROJECT_SEEDS)))
    build_warehouse(warehouse, world.raw_rows())
    command = ("build", "--exclude-resource-type", "test", "unit_test")
    finish_dbt(
        start_dbt(
            *command, warehouse=warehouse, seeds=seeds, work_dir=folder / "work", as_of=world.as_of
        )
    )
    before, after = folder / "before", folder / "after"
    publish(built.warehouse, before)
    publish(warehouse, after)
    return before, after, [company.company_id for company in kept]


def _another(as_of, company, number):
    """A company of the same name with other data, seeds and all."""
    other = draw_company(companies(as_of), 10_000 + number)
    rename(other, company.company_id)
    return other


def tables(copy):
    with duckdb.connect(str(copy), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
        return {
            name: connection.execute(f"select * from marts.{name} order by all").fetchall()
            for (name,) in names
        }


def test_no_row_of_a_company_depends_on_another_companys_data(two_worlds):
    before, after, kept = two_worlds
    assert len(kept) > 5
    filled = set()
    for company in kept:
        first, second = tables(before / f"{company}.duckdb"), tables(after / f"{company}.duckdb")
        assert set(first) == set(second)
        for mart in set(first) - SHARED:
            assert first[mart] == second[mart], (company, mart)
            filled |= {mart} if first[mart] else set()
    assert len(filled) > 30, "most marts must have had rows to compare"


def test_the_other_companies_did_change(two_worlds):
    before, after, kept = two_worlds
    changed = {path.stem for path in before.glob("*.duckdb")} - {*kept, "all"}
    assert all(
        tables(before / f"{name}.duckdb") != tables(after / f"{name}.duckdb") for name in changed
    )


def test_parquet_files_of_a_company_are_the_same_bytes(two_worlds):
    before, after, kept = two_worlds
    for company in kept:
        for file in sorted((before / "parquet" / company).glob("*.parquet")):
            if file.stem not in SHARED:
                other = after / "parquet" / company / file.name
                assert file.read_bytes() == other.read_bytes(), (company, file.stem)
