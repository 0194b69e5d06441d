"""The organizations import: columns, rules, duplicates and figures."""

import pytest

from tests.ingestion.place import NOW_STORED, Place, csv_text

IMPORTS = "acme/imports/organizations"
COLUMNS = ("external_org_id", "display_name")

# File, content, applied (id, name), refused (line, reasons).
FILES = {
    "plain": (csv_text(COLUMNS, [("p1", "One"), ("p2", "Two")]), {"p1": "One", "p2": "Two"}, {}),
    "bom, semicolons and case": (
        "\ufeff External_Org_ID ; DISPLAY_NAME;notes\r\n b1 ; Name, with comma ;x\r\n",
        {"b1": "Name, with comma"},
        {},
    ),
    "org_id and name": ("org_id,name\na1,A\n", {"a1": "A"}, {}),
    "organization_id and org_name": ("organization_id,org_name\na2,A\n", {"a2": "A"}, {}),
    "customer_org_id": ("display_name,customer_org_id\nA,a3\n", {"a3": "A"}, {}),
    "quotes": (
        'org_id,name\nq1,"He said ""hi"""\nq2,"two\nlines"\n"q;,3","x"\n',
        {"q1": 'He said "hi"', "q2": "two\nlines", "q;,3": "x"},
        {},
    ),
    "trimmed": ("org_id,name\n \u00a0t1\t, Name \u00a0 \n", {"t1": "Name"}, {}),
    "blank lines": ("\norg_id,name\n\nl1,A\n \nl2,\n", {"l1": "A"}, {6: "missing_value"}),
    "missing values": (
        "org_id,name\n,A\nm1,\n,\n  ,A\nm2,A\nm3\n",
        {"m2": "A"},
        {
            2: "missing_value",
            3: "missing_value",
            5: "missing_value",
            7: "missing_value",
        },
    ),
    "lengths": (
        csv_text(COLUMNS, [("x" * 255, "n" * 255), ("y" * 256, "n"), ("z", "n" * 256)]),
        {"x" * 255: "n" * 255},
        {3: "value_too_long", 4: "value_too_long"},
    ),
    "too many cells": ("org_id,name\nc1,A,B\nc2,A\n", {"c2": "A"}, {2: "too_many_fields"}),
    "case of ids": (
        csv_text(COLUMNS, [("Case", "A"), ("case", "B")]),
        {"Case": "A", "case": "B"},
        {},
    ),
    "same id, same name": (
        csv_text(COLUMNS, [("s1", "A"), ("s2", "B"), (" s1", "A "), ("s1", "A")]),
        {"s1": "A", "s2": "B"},
        {},
    ),
    "same id, other names": (
        csv_text(COLUMNS, [("d1", "A"), ("d2", "B"), ("d1", "C"), ("d1", "A")]),
        {"d2": "B"},
        {2: "duplicate_key", 4: "duplicate_key", 5: "duplicate_key"},
    ),
    "same id, one without a name": (
        csv_text(COLUMNS, [("e1", "A"), ("e1", ""), ("e2", "B")]),
        {"e2": "B"},
        {2: "duplicate_key", 3: "duplicate_key,missing_value"},
    ),
    "same id, one too long": (
        csv_text(COLUMNS, [("f1", "n" * 256), ("f1", "A")]),
        {},
        {2: "duplicate_key,value_too_long", 3: "duplicate_key"},
    ),
    "words that look like nothing": (
        csv_text(COLUMNS, [("NULL", "N/A"), ("0", "0"), ("-", "-")]),
        {"NULL": "N/A", "0": "0", "-": "-"},
        {},
    ),
    "odd characters": (
        csv_text(COLUMNS, [("o'1;", '🎉 "x"'), ("o2", "Ünï'; --")]),
        {"o'1;": '🎉 "x"', "o2": "Ünï'; --"},
        {},
    ),
    "tabs": ("org_id\tname\nt2\tA, B\n\t\n", {"t2": "A, B"}, {}),
    "cr line ends": ("org_id,name\rr1,A\r\r,\rr2,B", {"r1": "A", "r2": "B"}, {}),
    "a separator line": (
        "sep=;\norg_id;name\nse1;A, B\nse2;\n",
        {"se1": "A, B"},
        {4: "missing_value"},
    ),
    "header alone": ("org_id,name\n", {}, {}),
    "an unclosed quote": (
        'org_id,name\nu1,"open\nu2,A\n"u3,B\nu4,C\n',
        {"u1": '"open', "u2": "A", '"u3': "B", "u4": "C"},
        {},
    ),
}
NO_FILES = {
    "empty": "",
    "no name": "org_id,notes\n1,A\n",
    "no id": "name\nA\n",
    "no header": "1,A\n2,B\n",
    "bars": "org_id|name\n1|A\n",
}


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    for name, (content, _, _) in FILES.items():
        module_place.write(f"{IMPORTS}/{name}.csv", content)
    for name, content in NO_FILES.items():
        module_place.write(f"{IMPORTS}/{name}.csv", content)
    module_place.write(f"{IMPORTS}/packed.csv.gz", "org_id,name\ngz,Packed\n")
    module_place.write(f"{IMPORTS}/latin1.csv", "org_id,name\n1,caf\u00e9\n".encode("latin-1"))
    module_place.write(f"{IMPORTS}/cut.csv.gz", b"").write_bytes(b"\x1f\x8b\x08\x00")
    module_place.load()
    return module_place


@pytest.mark.parametrize("name", FILES)
def test_rows_are_applied_or_refused_one_by_one(loaded: Place, name: str) -> None:
    _, applied, refused = FILES[name]
    path = f"{IMPORTS}/{name}.csv"
    where = f"source_path = '{path.replace(chr(39), chr(39) * 2)}'"
    found = dict(loaded.rows("organization_versions", "external_org_id, display_name", where))
    assert (found, loaded.rejects(path)) == (applied, refused)


@pytest.mark.parametrize("name", FILES)
def test_figures_and_history_tell_the_same(loaded: Place, name: str) -> None:
    _, applied, refused = FILES[name]
    path = f"{IMPORTS}/{name}.csv"
    [figures] = loaded.records("loaded_files", f"path = '{path}'")
    [history] = loaded.records("import_history", f"path = '{path}'")
    assert (figures["company_id"], figures["app_id"], figures["kind"]) == (
        "acme",
        None,
        "organizations",
    )
    assert (history["company_id"], history["kind"]) == ("acme", "organizations")
    assert history["checksum"] == figures["checksum"]
    assert (history["rows_new"], history["rows_updated"], history["rows_unchanged"]) == (
        len(applied),
        0,
        0,
    )
    assert history["rows_error"] == figures["rows_rejected"] == len(refused)
    assert figures["rows_accepted"] == len(applied)
    assert figures["rows_duplicate"] == (2 if name == "same id, same name" else 0)
    assert figures["rows_read"] == (
        figures["rows_accepted"] + figures["rows_rejected"] + figures["rows_duplicate"]
    )
    assert history["applied_at"] == figures["loaded_at"] == NOW_STORED


@pytest.mark.parametrize("name", NO_FILES)
def test_missing_required_column_fails_the_whole_file(loaded: Place, name: str) -> None:
    path = f"{IMPORTS}/{name}.csv"
    [row] = loaded.records("rejected_files", f"path = '{path}'")
    assert (row["company_id"], row["reason"]) == ("acme", "missing_column")
    for table in ("import_history", "loaded_files", "rejected_rows"):
        assert loaded.rows(table, "path", f"path = '{path}'") == []


def test_packed_and_broken_files(loaded: Place) -> None:
    assert loaded.rows("organization_versions", "display_name", "external_org_id = 'gz'") == [
        ("Packed",)
    ]
    reasons = loaded.rows("rejected_files", "path, reason", "reason <> 'missing_column'")
    assert reasons == [
        (f"{IMPORTS}/cut.csv.gz", "unreadable_file"),
        (f"{IMPORTS}/latin1.csv", "unreadable_file"),
    ]


def test_versions_tell_when_and_where_from(loaded: Place) -> None:
    [row] = loaded.records("organization_versions", "external_org_id = 'p2'")
    assert (row["company_id"], row["version_number"], row["line_number"]) == ("acme", 1, 3)
    assert row["valid_from"] == NOW_STORED
    [rejected] = loaded.records("rejected_rows", f"path = '{IMPORTS}/too many cells.csv'")
    assert (rejected["source"], rejected["app_id"], rejected["raw_text"]) == (
        "organizations",
        None,
        "c1,A,B",
    )
