"""Calls far out on one axis: a build would take minutes if its work grew with their square.

How the work grows is measured by ``python -m benchmarks.call_growth``; here the rows are right.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks import call_growth as stories
from benchmarks.data import AS_OF
from ingestion.loading.pipeline import load_landing
from ingestion.settings import Settings
from tests.oracle.calls.values import sha256
from tests.support.dbt_runner import build_models
from tests.support.raw_warehouse import write_seeds
from tests.support.worlds import PROJECT_SEEDS, read_seeds

pytestmark = pytest.mark.slow

MANY = 60_000
SENT = {story.__name__: list(story(MANY)) for story in stories.STORIES}
_EVENTS = """
    select event, user_hash, external_org_id, group_id, account_source
    from intermediate.int_call_events
    where user_hash in (select unnest($1))
    order by occurred_at"""

Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    settings = Settings(landing=str(folder / "landing"), warehouse=folder / "warehouse.duckdb")
    stories.write_calls(Path(settings.landing), chain.from_iterable(SENT.values()))
    load_landing(settings)
    write_seeds(folder / "seeds", PROJECT_SEEDS, read_seeds(PROJECT_SEEDS))
    build_models(
        *("int_call_events", "int_user_accounts", "int_group_places"),
        warehouse=settings.warehouse,
        seeds=folder / "seeds",
        work_dir=folder / "work",
        as_of=AS_OF,
    )
    return settings.warehouse


def _rows(warehouse: Path, query: str, *values: Any) -> list[Row]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query, list(values)).fetchall()


def _events(warehouse: Path, users: Iterable[str]) -> list[Row]:
    return _rows(warehouse, _EVENTS, [sha256(user) for user in users])


def test_a_user_in_a_thousand_accounts_is_in_each(warehouse: Path) -> None:
    events = _events(warehouse, ["switcher"])
    accounts = [f"acc_{number % stories.ACCOUNTS}" for number in range(MANY // 2)]
    assert [(row[2], row[4]) for row in events] == [(account, "identify") for account in accounts]
    query = (
        "select external_org_id, events from intermediate.int_user_accounts where user_hash = $1"
    )
    assert dict(_rows(warehouse, query, sha256("switcher"))) == Counter(accounts)


def test_of_groups_with_an_account_at_times_the_newest_one_that_has_it_counts(
    warehouse: Path,
) -> None:
    sent = [call for _, call in SENT["groups_with_an_account_at_times"]]
    has_account = {call["groupId"]: True for call in sent if call["type"] == "group"}
    expected: list[str] = []
    set_at: dict[str, int] = {}
    for number, call in enumerate(sent):
        if call["type"] == "track":
            found = [group for group in set_at if has_account[group]]
            expected += [max(found, key=set_at.__getitem__)] if found else []
        elif call["userId"]:
            set_at[call["groupId"]] = number
        else:
            has_account[call["groupId"]] = call["traits"]["parent_group_id"] is not None
    events = _events(warehouse, ["visitor"])
    assert [row[2:] for row in events] == [("at_times", group, "sticky") for group in expected]
    assert 0 < len(expected) < MANY // 3


def test_an_event_is_of_the_parent_that_its_group_had_then(warehouse: Path) -> None:
    events = _events(warehouse, ["mover"])
    accounts = [f"parent_{number % 2}" for number in range(MANY // 2)]
    assert [row[2:] for row in events] == [(account, "moving", "group") for account in accounts]


def test_a_group_has_as_many_children_as_were_sent(warehouse: Path) -> None:
    query = "select children from intermediate.int_group_places where group_id = 'parent_of_all'"
    assert _rows(warehouse, query) == [(MANY,)]
    expected = [("parent_of_all", f"child_{number}", "group") for number in range(0, MANY, 10)]
    assert [row[2:] for row in _events(warehouse, ["child"])] == expected


def test_links_of_a_long_chain_are_followed_ten_steps(warehouse: Path) -> None:
    last = stories.MANY - 1
    ids = [divmod(number, stories.MANY) for number in range(MANY // 2)]
    actors = [sha256(f"{number}_{min(place + 10, last)}") for number, place in ids]
    query = "select user_hash from intermediate.int_call_events where external_org_id = 'chained'"
    assert [user for (user,) in _rows(warehouse, f"{query} order by occurred_at")] == actors


def test_of_many_groups_on_a_call_the_smallest_id_is_the_events(warehouse: Path) -> None:
    named = [call["groups"]["workspace"] for _, call in SENT["many_ids_on_a_call"]]
    expected = [("named_account", min(ids), "group") for ids in named]
    assert [row[2:] for row in _events(warehouse, ["namer"])] == expected
