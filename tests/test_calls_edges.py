"""Edge cases of the account rules, worked out by hand; each is named as in the definitions."""

from datetime import date

import pytest

from tests.oracle.calls.values import sha256
from tests.oracle.company import Company
from tests.oracle.inputs import CompanyInputs, read_seeds
from tests.support.call_edges import Case, company_of
from tests.support.call_group_edges import ALL_EDGES
from tests.support.call_shapes import Shapes
from tests.support.company_rows import World
from tests.support.worlds import PROJECT_SEEDS

D = date(2025, 3, 1)


def _computed(case: Case) -> Company:
    world = World(D, (company_of("calls-00", case, D),), {})
    seeds = read_seeds(PROJECT_SEEDS)
    seeds |= world.seed_rows(seeds)
    return Company(CompanyInputs("calls-00", D, world.raw_rows(), seeds))


@pytest.mark.parametrize("name", ALL_EDGES)
def test_oracle_at_the_edge(name: str) -> None:
    case = ALL_EDGES[name](Shapes(D))
    company = _computed(case)
    found = {
        event.event_id.removeprefix("call:").split(":")[0]: (
            event.external_org_id,
            event.account_source,
            event.group_id,
        )
        for event in company.events
    }
    assert found == {call: place for call, place in case.expected.items() if place}
    without = {a.call.call_id for a in company.accounts.attributions if a.account is None}
    assert without == {call for call, place in case.expected.items() if place is None}
    actors = {event.event_id.removeprefix("call:"): event.user_hash for event in company.events}
    for call, user in case.users.items():
        assert actors[call] == sha256(user), call
