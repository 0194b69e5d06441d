"""Rows that were refused for an organization nobody knew yet, tried again once it is known."""

from datetime import timedelta
from typing import Any

import pytest

from ingestion.loading.import_file import apply
from tests.ingestion.place import MODIFIED, NOW, Place, csv_text
from tests.ingestion.subscription_sheets import IMPORTS, row, sheet, with_organizations

DISMISSALS = "acme/imports/dismissals"
DISMISSAL_COLUMNS = ("external_org_id", "signal_type", "dismissed_at", "reason")


@pytest.fixture
def refused(place: Place) -> Place:
    """Two files whose rows wait for organizations ``late`` and ``later``."""
    with_organizations(place, "o1")
    place.write(
        f"{IMPORTS}/waiting.csv",
        sheet(
            row(1),
            row(2, external_org_id="late"),
            row(3, external_org_id="later"),
            row(4, external_org_id="late", mrr="free"),
        ),
    )
    place.quick_load()
    place.now = NOW + timedelta(days=1)
    return place


def history(place: Place) -> list[tuple[Any, ...]]:
    return [
        (
            r["path"].split("/")[-1],
            r["rows_new"],
            r["rows_updated"],
            r["rows_unchanged"],
            r["rows_error"],
        )
        for r in place.records("import_history", "kind <> 'organizations'")
    ]


def resolved(place: Place) -> dict[int, Any]:
    rows = place.records("rejected_rows", "source = 'subscriptions'")
    return {row["line_number"]: row["resolved_at"] for row in rows}


def test_applied_organizations_bring_in_what_waited_for_them(refused: Place) -> None:
    assert refused.rejects(f"{IMPORTS}/waiting.csv") == {
        3: "unknown_external_org_id",
        4: "unknown_external_org_id",
        5: "mrr_invalid,unknown_external_org_id",
    }
    assert set(resolved(refused).values()) == {None}
    refused.write("acme/imports/organizations/late.csv", "org_id,name\nlate,Late\n")
    refused.quick_load()
    now = refused.now.replace(tzinfo=None)
    [version] = refused.records("subscription_versions", "external_org_id = 'late'")
    assert (version["valid_from"], version["version_number"]) == (now, 1)
    assert (version["source_path"], version["line_number"]) == (f"{IMPORTS}/waiting.csv", 3)
    assert history(refused) == [("waiting.csv", 1, 0, 0, 3), ("waiting.csv", 1, 0, 0, 0)]
    [retried] = refused.records("import_history", "kind = 'subscriptions' and rows_error = 0")
    [first] = refused.records("import_history", "kind = 'subscriptions' and rows_error > 0")
    assert (retried["applied_at"], retried["checksum"]) == (now, first["checksum"])
    assert resolved(refused) == {3: now, 4: None, 5: None}
    # Counts are as of the time of the load.
    [figures] = refused.records("loaded_files", "kind = 'subscriptions'")
    assert (figures["rows_accepted"], figures["rows_rejected"]) == (1, 3)


def test_what_still_waits_is_tried_at_every_later_time(refused: Place) -> None:
    for day, org_id in enumerate(("other", "late", "later", "another"), 1):
        refused.now = NOW + timedelta(days=day)
        path = f"acme/imports/organizations/{org_id}.csv"
        refused.write(path, f"org_id,name\n{org_id},X\n", MODIFIED + timedelta(days=day))
        refused.quick_load()
    assert [row[1:] for row in history(refused)] == [(1, 0, 0, 3), (1, 0, 0, 0), (1, 0, 0, 0)]
    days = {line: at and at.day for line, at in resolved(refused).items()}
    assert days == {3: 3, 4: 4, 5: None}


def test_another_companys_organization_resolves_nothing(refused: Place) -> None:
    with_organizations(refused, "late", company_id="dmy-co")
    refused.quick_load()
    assert set(resolved(refused).values()) == {None}


def test_organizations_of_the_command_line_bring_them_in_too(place: Place) -> None:
    place.write(f"{IMPORTS}/waiting.csv", sheet(row(1, external_org_id="late")))
    place.load()
    path = place.folder / "orgs.csv"
    path.write_text("org_id,name\nlate,Late\n", encoding="utf-8")
    assert apply(place.settings, "organizations", path, "acme").applied
    assert resolved(place)[2] is not None
    assert place.rows("subscription_versions", "external_org_id") == [("late",)]


def test_rows_of_one_key_are_tried_in_the_order_of_their_files(place: Place) -> None:
    late = {"external_org_id": "late"}
    for day, name, amount in ((1, "z", "1"), (2, "m", "2"), (3, "a", "3")):
        content = sheet(row(1, mrr=amount, **late))
        place.write(f"{IMPORTS}/{name}.csv", content, MODIFIED + timedelta(days=day))
    place.quick_load()
    with_organizations(place, "late")
    place.quick_load()
    found = place.rows("subscription_versions", "version_number, mrr::integer")
    assert found == [(1, 1), (2, 2), (3, 3)], "the newest file's amount is the last"


def test_what_waited_comes_before_files_of_the_same_load(place: Place) -> None:
    late = {"external_org_id": "late"}
    place.write(f"{IMPORTS}/z.csv", sheet(row(1, mrr="1", **late)))
    place.quick_load()
    with_organizations(place, "late")
    place.write(f"{IMPORTS}/a.csv", sheet(row(1, mrr="2", **late)), MODIFIED + timedelta(days=1))
    place.quick_load()
    assert place.rows("subscription_versions", "version_number, mrr::integer") == [(1, 1), (2, 2)]


def test_file_that_was_corrected_resolves_its_own_row(refused: Place) -> None:
    """The first content waits on, its newer content is applied after it."""
    changed = sheet(row(1), row(2, external_org_id="late", mrr="77"))
    refused.write(f"{IMPORTS}/waiting.csv", changed, MODIFIED + timedelta(days=1))
    refused.quick_load()
    with_organizations(refused, "o1", "late")
    refused.quick_load()
    found = refused.rows(
        "subscription_versions", "version_number, mrr::integer", "external_org_id = 'late'"
    )
    assert found == [(1, 10), (2, 77)]


def dismissals(*rows: tuple[str, ...]) -> str:
    return csv_text(DISMISSAL_COLUMNS, rows)


def test_dismissal_waits_for_an_organization_or_its_first_event(place: Place) -> None:
    place.write(
        f"{DISMISSALS}/d.csv",
        dismissals(
            ("imported", "usage_drop", "2024-05-01", "known"),
            ("seen", "usage_drop", "2024-05-01", "known by events"),
        ),
    )
    place.quick_load()
    unknown = "unknown_external_org_id"
    assert place.rejects(f"{DISMISSALS}/d.csv") == {2: unknown, 3: unknown}
    event = '{"event": "x", "user_hash": "%s", "customer_org_id": "seen", "environment": "test"}'
    place.write("acme/apps/web/events/a.jsonl", event % ("a" * 64))
    place.quick_load()
    assert place.rows("dismissal_versions", "external_org_id, reason") == [
        ("seen", "known by events")
    ]
    with_organizations(place, "imported")
    place.quick_load()
    assert place.rows("dismissal_versions", "external_org_id") == [("imported",), ("seen",)]
    assert place.rows("rejected_rows", "count(*)", "resolved_at is null") == [(0,)]
    assert [row[1:] for row in history(place)] == [(0, 0, 0, 2), (1, 0, 0, 0), (1, 0, 0, 0)]


def test_dismissals_are_judged_with_the_events_of_the_same_load(place: Place) -> None:
    with_organizations(place, "imported")
    event = '{"event": "x", "user_hash": "%s", "customer_org_id": " seen "}' % ("a" * 64)
    place.write("acme/apps/web/events/a.jsonl", event)
    place.write(
        f"{DISMISSALS}/d.csv",
        csv_text(
            ("org_id", "signal_type", "dismissed_at", "reason", "dismissed_by"),
            [
                ("imported", "revenue_at_risk", "2024-05-01", "", "Kim"),
                ("seen", "usage_drop", "1.5.2024", "called", ""),
                ("nobody", "usage_drop", "2024-05-01", "", ""),
                ("seen", "unknown_type", "2024-05-01", "", ""),
                ("seen", "Usage_Drop", "2024-05-01", "", ""),
                ("seen", "inactive_paying", "2024-02-30", "", ""),
                ("seen", "inactive_paying", "05/03/2024", "", ""),
                ("", "inactive_paying", "2024-05-01", "", ""),
                ("seen", "", "2024-05-01", "", ""),
                ("seen", "inactive_paying", "", "", ""),
                ("nobody", "x", "y", "", ""),
                ("seen", "expansion_candidate", "2024-05-01", "", ""),
                ("seen", "expansion_candidate", "2024-05-02", "", ""),
            ],
        ),
    )
    place.quick_load()
    assert place.rejects(f"{DISMISSALS}/d.csv") == {
        4: "unknown_external_org_id",
        5: "signal_type_invalid",
        6: "signal_type_invalid",
        7: "date_invalid",
        8: "date_ambiguous",
        9: "missing_value",
        10: "missing_value",
        11: "missing_value",
        12: "date_invalid,signal_type_invalid,unknown_external_org_id",
    }
    found = place.rows(
        "dismissal_versions",
        "external_org_id, signal_type, dismissed_at::varchar, reason, dismissed_by, version_number",
    )
    assert found == [
        ("imported", "revenue_at_risk", "2024-05-01", None, "Kim", 1),
        ("seen", "expansion_candidate", "2024-05-01", None, None, 1),
        ("seen", "expansion_candidate", "2024-05-02", None, None, 1),
        ("seen", "usage_drop", "2024-05-01", "called", None, 1),
    ]


def test_dismissals_change_and_keep_like_other_imports(place: Place) -> None:
    with_organizations(place, "o1")
    first = dismissals(("o1", "usage_drop", "2024-05-01", "why"))
    place.write(f"{DISMISSALS}/1.csv", first)
    place.quick_load()
    again = "org_id,signal_type,dismissed_at\no1,usage_drop,20240501\n"
    place.write(f"{DISMISSALS}/2.csv", again)
    place.quick_load()
    place.write(f"{DISMISSALS}/3.csv", dismissals(("o1", "usage_drop", "2024-05-01", "because")))
    place.quick_load()
    assert [row[1:] for row in history(place)] == [(1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0)]
    assert place.rows("dismissal_versions", "version_number, reason") == [
        (1, "why"),
        (2, "because"),
    ]
    place.write(f"{DISMISSALS}/4.csv", "org_id,signal_type\no1,usage_drop\n")
    place.quick_load()
    assert place.rows("rejected_files", "reason") == [("missing_column",)]
