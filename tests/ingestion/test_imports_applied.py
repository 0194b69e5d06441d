"""Previews and applies of imports, on the command line and file after file of a landing zone."""

import pytest

from ingestion.errors import UserError
from ingestion.loading.import_file import apply, preview
from tests.ingestion.place import MODIFIED, Place
from tests.ingestion.test_organizations_import import IMPORTS, NO_FILES


def file(place: Place, content: str, name: str = "orgs.csv") -> object:
    path = place.folder / name
    path.write_text(content, encoding="utf-8")
    return path


def counts(report: object) -> tuple[int, int, int, int]:
    return report.new, report.updated, report.unchanged, report.error


def test_preview_changes_nothing_and_counts_against_what_is_applied(place: Place) -> None:
    path = file(place, "org_id,name\n1,A\n2,B\n3,\n")
    assert counts(preview(place.settings, "organizations", path, "acme")) == (2, 0, 0, 1)
    assert not place.settings.warehouse.exists()
    report = apply(place.settings, "organizations", path, "acme", skip_errors=True)
    assert (counts(report), report.applied) == ((2, 0, 0, 1), True)
    path = file(place, "org_id,name\n1,A\n2,Bee\n2,Bee\n4,D\n")
    before = place.records("organization_versions"), place.records("import_history")
    assert counts(preview(place.settings, "organizations", path, "acme")) == (1, 1, 1, 0)
    assert (place.records("organization_versions"), place.records("import_history")) == before
    # Another company has none of them.
    assert counts(preview(place.settings, "organizations", path, "dmy-co")) == (3, 0, 0, 0)


def test_errors_carry_line_column_value_and_code(place: Place) -> None:
    path = file(place, f"org_id,name\n1,A\n1,B\n,C\n5,{'n' * 256}\n")
    report = preview(place.settings, "organizations", path, "acme")
    found = [(error.line, error.column, error.value, error.code) for error in report.errors]
    assert found == [
        (2, "external_org_id", "1", "duplicate_key"),
        (3, "external_org_id", "1", "duplicate_key"),
        (4, "external_org_id", "", "missing_value"),
        (5, "display_name", "n" * 256, "value_too_long"),
    ]
    assert all(error.message for error in report.errors)


def test_apply_refuses_a_file_with_errors_unless_told_to_skip_them(place: Place) -> None:
    path = file(place, "org_id,name\n1,A\n2,\n")
    report = apply(place.settings, "organizations", path, "acme")
    assert (report.applied, report.error) == (False, 1)
    assert not place.settings.warehouse.exists()
    assert apply(place.settings, "organizations", path, "acme", skip_errors=True).applied
    assert place.rows("organization_versions", "external_org_id") == [("1",)]
    assert place.rows("rejected_rows", "line_number, reasons") == [(3, "missing_value")]


def test_applying_again_is_all_unchanged_and_has_its_history(place: Place) -> None:
    path = file(place, "org_id,name\n1,A\n2,B\n")
    assert counts(apply(place.settings, "organizations", path, "acme")) == (2, 0, 0, 0)
    assert counts(apply(place.settings, "organizations", path, "acme")) == (0, 0, 2, 0)
    history = place.records("import_history")
    assert [(row["rows_new"], row["rows_unchanged"]) for row in history] == [(2, 0), (0, 2)]
    assert place.rows("organization_versions", "external_org_id") == [("1",), ("2",)]


def test_unknown_columns_are_told_and_ignored(place: Place) -> None:
    report = preview(
        place.settings, "organizations", file(place, "org_id,name,vip\n1,A,x\n"), "acme"
    )
    [warning] = report.warnings
    assert (warning.warning, warning.line_number) == ("unknown_column", 1)
    assert "vip" in warning.detail
    assert counts(report) == (1, 0, 0, 0)


@pytest.mark.parametrize("content", [*NO_FILES.values(), "org_id,name\n1,\udce9\n"])
def test_command_line_says_what_is_wrong_with_a_file(place: Place, content: str) -> None:
    path = place.folder / "orgs.csv"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(UserError, match=r"missing_column|unreadable_file"):
        preview(place.settings, "organizations", path, "acme")


def test_unknown_company_kind_and_file_are_told(place: Place) -> None:
    path = file(place, "org_id,name\n1,A\n")
    for kind, name, company in (
        ("organizations", path, "nobody"),
        ("invoices", path, "acme"),
        ("organizations", place.folder / "absent.csv", "acme"),
    ):
        with pytest.raises(UserError):
            preview(place.settings, kind, name, company)


def test_command_line_reads_gzip(place: Place) -> None:
    path = place.write("../orgs.csv.gz", "org_id,name\n1,A\n")
    assert counts(preview(place.settings, "organizations", path, "acme")) == (1, 0, 0, 0)


def test_files_of_a_load_apply_by_time_then_path(place: Place) -> None:
    place.write(f"{IMPORTS}/a.csv", "org_id,name\n1,newest\n2,a\n", MODIFIED.replace(hour=9))
    place.write(f"{IMPORTS}/b.csv", "org_id,name\n1,older\n3,b\n", MODIFIED)
    place.write(f"{IMPORTS}/c.csv", "org_id,name\n1,old\n2,c\n3,c\n", MODIFIED)
    place.quick_load()
    versions = place.rows("organization_versions", "external_org_id, version_number, display_name")
    assert versions == [
        ("1", 1, "older"),
        ("1", 2, "old"),
        ("1", 3, "newest"),
        ("2", 1, "c"),
        ("2", 2, "a"),
        ("3", 1, "b"),
        ("3", 2, "c"),
    ]


def test_import_never_deletes_and_keeps_every_version(place: Place) -> None:
    names = ["A", "B", "B", "A"]
    for hour, name in enumerate(names):
        place.now = place.now.replace(hour=hour + 10)
        content = f"org_id,name\n1,{name}\n" + ("2,Other\n" if hour == 0 else "")
        place.write(f"{IMPORTS}/orgs-{hour}.csv", content, MODIFIED.replace(hour=hour + 1))
        place.quick_load()
    found = place.records("organization_versions", "external_org_id = '1'")
    assert [
        (row["version_number"], row["display_name"], row["valid_from"].hour) for row in found
    ] == [
        (1, "A", 10),
        (2, "B", 11),
        (3, "A", 13),
    ]
    assert place.rows("organization_versions", "count(*)", "external_org_id = '2'") == [(1,)]
    history = [
        (row["rows_new"], row["rows_updated"], row["rows_unchanged"])
        for row in place.records("import_history")
    ]
    assert history == [(2, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 0)]
