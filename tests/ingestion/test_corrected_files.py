"""Files that are sent again corrected resolve the rejects that they correct."""

import json
from datetime import timedelta

import pytest

from tests.ingestion.event_cases import GOOD
from tests.ingestion.place import MODIFIED, NOW, Place
from tests.ingestion.subscription_sheets import IMPORTS, row, sheet, with_organizations

EVENTS = "acme/apps/web/events"
LATER = NOW + timedelta(days=1)


def line(**fields: object) -> str:
    return json.dumps({**GOOD, **fields}) + "\n"


def send(place: Place, path: str, content: str, day: int) -> None:
    place.now = NOW + timedelta(days=day)
    place.write(path, content, MODIFIED + timedelta(days=day))
    place.quick_load()


def resolutions(place: Place) -> list[tuple]:
    """Path, line, and whether it is resolved by the load of the second day."""
    rows = place.rows("rejected_rows", "path, line_number, resolved_at")
    assert {moment for *_, moment in rows} <= {None, LATER.replace(tzinfo=None)}
    return [(path.rsplit("/", 1)[-1], number, moment is not None) for path, number, moment in rows]


def test_a_path_sent_again_resolves_what_is_not_refused_as_it_was(place: Place) -> None:
    short, long = line(user_hash="short"), line(event="x" * 300)
    send(place, f"{EVENTS}/a.jsonl", line() + short + long, 0)
    assert resolutions(place) == [("a.jsonl", 2, False), ("a.jsonl", 3, False)]
    send(place, f"{EVENTS}/a.jsonl", line() + line(event="corrected") + long, 1)
    assert resolutions(place) == [
        ("a.jsonl", 2, True),  # corrected
        ("a.jsonl", 3, False),  # refused as before, which the new content says, too
        ("a.jsonl", 3, False),
    ]


@pytest.mark.parametrize("name", ["event_id", "message_id", "messageId"])
def test_an_event_sent_in_another_file_resolves_the_reject_of_its_id(place, name) -> None:
    wrong = {"user_hash": "short"}
    broken = '{"event_id": "e1", "event":\n'
    send(
        place,
        f"{EVENTS}/a.jsonl",
        line(**{name: "e1"}, **wrong) + line(**{name: "e2"}, **wrong) + line(**wrong) + broken,
        0,
    )
    send(place, f"{EVENTS}/corrected.jsonl", line(**{name: "e1"}) + line(), 1)
    assert resolutions(place) == [
        ("a.jsonl", 1, True),
        ("a.jsonl", 2, False),
        ("a.jsonl", 3, False),
        ("a.jsonl", 4, False),
    ]


def test_the_id_of_another_application_resolves_nothing(place: Place) -> None:
    send(place, f"{EVENTS}/a.jsonl", line(event_id="e1", user_hash="short"), 0)
    send(place, "acme/apps/mobile/events/b.jsonl", line(event_id="e1"), 1)
    assert resolutions(place) == [("a.jsonl", 1, False)]


def test_a_row_of_an_import_with_the_same_key_resolves_the_reject(place: Place) -> None:
    """Also where it changes nothing, because what is stored says the same."""
    with_organizations(place, "o1")
    send(place, f"{IMPORTS}/0.csv", sheet(row(1), row(2)), -1)
    send(place, f"{IMPORTS}/1.csv", sheet(row(1, mrr="?"), row(2, mrr="?"), row(3, mrr="?")), 0)
    send(place, f"{IMPORTS}/2.csv", sheet(row(1), row(2, mrr="still wrong"), row(3)), 1)
    assert resolutions(place) == [
        ("1.csv", 2, True),
        ("1.csv", 3, False),
        ("1.csv", 4, True),
        ("2.csv", 3, False),
    ]
    assert place.rows("subscription_versions", "product_code, version_number") == [
        ("product-1", 1),
        ("product-2", 1),
        ("product-3", 1),
    ]


def test_a_corrected_row_is_not_applied_again_from_the_old_file(place: Place) -> None:
    """It waited for its organization, and came again before that with another amount."""
    waiting = {"external_org_id": "late"}
    send(place, f"{IMPORTS}/1.csv", sheet(row(1, mrr="1", **waiting)), 0)
    place.write(
        "acme/imports/organizations/o.csv", "org_id,name\nlate,Late\n", MODIFIED + timedelta(days=1)
    )
    send(place, f"{IMPORTS}/1.csv", sheet(row(1, mrr="2", **waiting)), 1)
    assert resolutions(place) == [("1.csv", 2, True)]
    [amount] = place.rows("subscription_versions", "mrr::integer", "version_number = 2")
    assert amount == (2,)
