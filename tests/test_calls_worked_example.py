"""The worked example of the account rules, row by row."""

import pytest

from tests.oracle.calls.accounts import Attribution
from tests.oracle.company import Company
from tests.oracle.inputs import CompanyInputs, read_seeds
from tests.oracle.usage_marts import events
from tests.support import worked_example as example
from tests.support.call_rows import add_calls, call_file
from tests.support.company_rows import CompanyRows, World
from tests.support.worlds import PROJECT_SEEDS


def _company(*files: list[dict]) -> Company:
    rows = CompanyRows("acme", example.AS_OF)
    rows.application("web")
    rows.organization("acc_456", (example.IMPORTED_AT, "Account 456"))
    add_calls(rows, *(call_file(objects, f"{n}.jsonl") for n, objects in enumerate(files)))
    world = World(example.AS_OF, (rows,), {})
    seeds = read_seeds(PROJECT_SEEDS)
    seeds |= world.seed_rows(seeds)
    return Company(CompanyInputs("acme", example.AS_OF, world.raw_rows(), seeds))


@pytest.fixture(scope="module")
def company() -> Company:
    return _company(example.segment_groups(), example.segment_calls(), example.other_vendors())


def _name(call_id: str) -> str:
    return call_id.split(":")[0]


def _attributions(company: Company) -> dict[str, Attribution]:
    return {_name(a.call.call_id): a for a in company.accounts.attributions}


@pytest.mark.parametrize(("event", "account", "source", "group"), example.EVENTS)
def test_oracle_finds_the_account(company, event, account, source, group) -> None:
    found = _attributions(company)[event]
    assert (found.account, found.source, found.group) == (account, source, group)
    assert found.is_conflict == (event == "e8")


def test_oracle_leaves_a_call_without_any_sign_unattributed(company) -> None:
    without = [n for n, a in _attributions(company).items() if a.account is None]
    assert without == list(example.UNATTRIBUTED)
    assert len(company.events) == 10


def test_oracle_makes_the_same_rows_of_groups_that_come_last(company) -> None:
    late = _company(example.segment_calls(), example.other_vendors(), example.segment_groups())
    assert sorted(events(late), key=str) == sorted(events(company), key=str)


@pytest.mark.parametrize(("event", "name"), example.NAMES.items())
def test_oracle_keeps_names_that_no_plan_has(company, event, name) -> None:
    [found] = [e for e in company.events if e.event_id == f"call:{event}"]
    assert (found.event, found.sent_event) == (name, name)
