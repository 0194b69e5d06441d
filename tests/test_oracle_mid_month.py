"""Every mart equals the oracle in the middle of a month, with months by the other rule."""

import pytest

from tests.support.compare import differences, report
from tests.support.mart_keys import KEYS
from tests.support.worlds import MID_MONTH, BuiltWorld, build_worlds


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltWorld:
    [world] = build_worlds(MID_MONTH, folder=tmp_path_factory.mktemp("mid_month"))
    return world


@pytest.mark.slow
@pytest.mark.parametrize("mart", KEYS)
def test_mart_equals_the_oracle(built: BuiltWorld, mart: str) -> None:
    found = differences(("company_id", *KEYS[mart]), built.expected[mart], built.rows(mart))
    assert not found, report(mart, found)
