"""CSV dumps: records by RFC 4180, their line numbers, and what is not quite a record."""

import pytest

from tests.ingestion.event_cases import HASH
from tests.ingestion.place import Place

EVENTS = "acme/apps/web/events"
HEADER = "event,user_hash,customer_org_id,plan\n"


def row(event: str, plan: str = "") -> str:
    return f"{event},{HASH},org,{plan}\n"


# File, content, accepted (line, event, plan), refused (line, reasons).
FILES = {
    "plain": (HEADER + row("a") + row("b"), [(2, "a", None), (3, "b", None)], {}),
    "no last line end": (HEADER + row("a").rstrip(), [(2, "a", None)], {}),
    "crlf": (
        (HEADER + row("a") + row("b")).replace("\n", "\r\n"),
        [(2, "a", None), (3, "b", None)],
        {},
    ),
    "bom": ("\ufeff" + HEADER + row("a"), [(2, "a", None)], {}),
    "bom and quoted header": (
        '\ufeff"event","user_hash","customer_org_id","plan"\n' + row("a"),
        [(2, "a", None)],
        {},
    ),
    "blank lines": (
        "\n" + HEADER + "\n" + row("a") + " \n\r\n" + row("b") + "\n\n",
        [(4, "a", None), (7, "b", None)],
        {},
    ),
    "records of empty cells are no rows": (
        ",,,\n" + HEADER + ",,,\n" + row("a") + ' , "",,\n,\n' + row("b") + ',,,","\n',
        [(4, "a", None), (7, "b", None)],
        {8: "customer_org_id_missing,event_missing,user_hash_missing"},
    ),
    "cr line ends": (
        (HEADER + row("a") + row("b")).replace("\n", "\r"),
        [(2, "a", None), (3, "b", None)],
        {},
    ),
    "cr line ends and lf in quotes": (
        f'event,user_hash,customer_org_id,plan\ra,{HASH},org,"p\nq"\rb,{HASH},org,\r',
        [(2, "a", "p\nq"), (4, "b", None)],
        {},
    ),
    "a stray cr": (
        "event,user_hash,customer_org_id,plan,x\ry\n" + f"a,{HASH},org,p\rq,\n" + row("b"),
        [(2, "a", "p\rq"), (3, "b", None)],
        {},
    ),
    "line ends of two cr and lf": (
        (HEADER + row("a") + row("b", "p")).replace("\n", "\r\r\n"),
        [(2, "a", None), (3, "b", "p")],
        {},
    ),
    "a separator line": (
        "sep=;\r\n" + HEADER.replace(",", ";") + f"a,b;{HASH};org;1,5\n",
        [(3, "a,b", "1,5")],
        {},
    ),
    "a separator line that the headings contradict": (
        '"SEP=,"\n' + f'event,user_hash,customer_org_id,plan,"x;y;z;;;"\na,{HASH},org,p;q\n',
        [(3, "a", "p;q")],
        {},
    ),
    "a second separator line is a row": (
        "sep=,\n" + HEADER + "sep=,\n" + row("a"),
        [(4, "a", None)],
        {3: "customer_org_id_missing,user_hash_missing"},
    ),
    "tabs": (
        HEADER.replace(",", "\t") + f'a,b\t{HASH}\torg\t"1\t5"\n\t\t\t\n',
        [(2, "a,b", "1\t5")],
        {},
    ),
    "delimiters in quoted headings": (
        f'event;user_hash;customer_org_id;"notes, if any, of it, and more"\na;{HASH};org;\n',
        [(2, "a", None)],
        {},
    ),
    "a heading of a megabyte": (
        f"{'x' * 1_000_000},{HEADER}" + f'"a",b,{HASH},org,\n',
        [(2, "b", None)],
        {},
    ),
    "header case and spaces": (
        " EVENT , User_Hash,CUSTOMER_ORG_ID ,Plan\n" + row("a", "p"),
        [(2, "a", "p")],
        {},
    ),
    "semicolons": (
        HEADER.replace(",", ";") + f"a,b;{HASH};org;1,5\n",
        [(2, "a,b", "1,5")],
        {},
    ),
    "comma file with semicolons in cells": (
        HEADER + row("a;b;c;d;e", ";;;;"),
        [(2, "a;b;c;d;e", ";;;;")],
        {},
    ),
    "quotes": (
        HEADER + row('"a,b"', '"say ""hi"""') + row('""', '""') + row("c", '""""'),
        [(2, "a,b", 'say "hi"'), (4, "c", '"')],
        {3: "event_missing"},
    ),
    "quotes inside a bare cell are text": (
        HEADER + row("a", 'b"c') + row("d", 'e"f"g') + row("h", 'x"'),
        [(2, "a", 'b"c'), (3, "d", 'e"f"g'), (4, "h", 'x"')],
        {},
    ),
    "line ends in quotes": (
        HEADER + row('"a\nb"', '"x\r\n\ny"') + row("c", '"1\n2\n3\n4"') + row("d"),
        [(2, "a\nb", "x\r\n\ny"), (6, "c", "1\n2\n3\n4"), (10, "d", None)],
        {},
    ),
    "a record that closes and opens on one line": (
        HEADER + f'"a\nb",{HASH},"o\nrg","p\nq"\n' + row("c"),
        [(2, "a\nb", "p\nq"), (6, "c", None)],
        {},
    ),
    "a bad record of several lines": (
        HEADER + 'a,short,org,"p\nq"\n' + row("c"),
        [(4, "c", None)],
        {2: "user_hash_not_64_characters"},
    ),
    "an unclosed quote at the end": (
        HEADER + row("a") + row("b", '"open'),
        [(2, "a", None), (3, "b", '"open')],
        {},
    ),
    "an unclosed quote above good rows": (
        HEADER + row("a", '"open') + row("b") + row("c", '"quoted"') + row("d", '"a ""b"""'),
        [(2, "a", '"open'), (3, "b", None), (4, "c", "quoted"), (5, "d", 'a "b"')],
        {},
    ),
    "two unclosed quotes": (
        HEADER + row("a", '"open') + row("b") + row("c", '"open') + row("d"),
        [(2, "a", '"open'), (3, "b", None), (4, "c", '"open'), (5, "d", None)],
        {},
    ),
    "an unclosed quote above a record of two lines": (
        HEADER + row("a", '"open') + row("b") + row("c", '"two\nlines"') + row("d"),
        [(2, "a", '"open'), (3, "b", None), (4, "c", "two\nlines"), (6, "d", None)],
        {},
    ),
    "an unclosed quote in the first cell": (
        HEADER + row('"a') + row("b") + row("c"),
        [(2, '"a', None), (3, "b", None), (4, "c", None)],
        {},
    ),
    "too many cells": (
        HEADER + row("a", "p,q") + row("b") + f"{row('c').rstrip()},\n" + row("", "p,q"),
        [(3, "b", None)],
        {2: "too_many_fields", 4: "too_many_fields", 5: "event_missing,too_many_fields"},
    ),
    "too few cells": (
        HEADER + f"a,{HASH},org\n" + "b\n" + f"c,{HASH}\n",
        [(2, "a", None)],
        {3: "customer_org_id_missing,user_hash_missing", 4: "customer_org_id_missing"},
    ),
    "unknown columns": (
        f"zzz,{HEADER.strip()},,path_x\n1,a,{HASH},org,p,,\n",
        [(2, "a", "p")],
        {},
    ),
    "header alone": (HEADER, [], {}),
    "header without its line end": (HEADER.strip(), [], {}),
    "odd characters": (
        HEADER + row("a\tb", "🎉 \x00'\\") + row(" spaced ", " "),
        [(2, "a\tb", "🎉 \x00'\\"), (3, " spaced ", " ")],
        {},
    ),
    "column in another order": (
        f"plan,customer_org_id,event,user_hash\np,org,a,{HASH}\n",
        [(2, "a", "p")],
        {},
    ),
}
MISSING_COLUMN = {
    "no event": f"user_hash,customer_org_id\n{HASH},org\n",
    "no header": row("a"),
    "other delimiter": HEADER.replace(",", "|") + row("a").replace(",", "|"),
}


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    for name, (content, _, _) in FILES.items():
        # One user each: the same line in two files would be one event.
        user = f"{list(FILES).index(name):064}"
        module_place.write(f"{EVENTS}/{name}.csv", content.replace(HASH, user))
    for name, content in MISSING_COLUMN.items():
        module_place.write(f"{EVENTS}/{name}.csv", content)
    module_place.write(f"{EVENTS}/empty.csv", "")
    many = "".join(row(f"e{i}", f'"line one\nof {i}"' if i % 3 else f"{i}") for i in range(150_000))
    module_place.write(f"{EVENTS}/many.csv", HEADER + many.replace(HASH, "m" * 64))
    module_place.quick_load()
    return module_place


@pytest.mark.parametrize("name", FILES)
def test_records_are_read_or_refused_one_by_one(loaded: Place, name: str) -> None:
    _, accepted, refused = FILES[name]
    path = f"{EVENTS}/{name}.csv"
    found = loaded.query(
        "select line_number, event, plan from raw.events where source_path = ? order by 1", [path]
    )
    assert (found, loaded.rejects(path)) == (accepted, refused)
    [row] = loaded.records("loaded_files", f"path = '{path}'")
    assert (row["rows_read"], row["rows_accepted"]) == (len(accepted) + len(refused), len(accepted))


def test_raw_text_of_a_record_is_all_of_its_lines(loaded: Place) -> None:
    [row] = loaded.records("rejected_rows", f"path = '{EVENTS}/a bad record of several lines.csv'")
    assert row["raw_text"] == 'a,short,org,"p\nq"'


@pytest.mark.parametrize("name", MISSING_COLUMN)
def test_missing_required_column_refuses_the_file(loaded: Place, name: str) -> None:
    path = f"{EVENTS}/{name}.csv"
    assert loaded.rows("rejected_files", "reason", f"path = '{path}'") == [("missing_column",)]
    assert loaded.rows("loaded_files", "path", f"path = '{path}'") == []


def test_records_across_blocks_keep_their_lines(loaded: Place) -> None:
    """A file of several read blocks: every record whole, every line number right."""
    path = f"{EVENTS}/many.csv"
    assert loaded.rejects(path) == {}
    figures = loaded.query(
        """select count(*), count(distinct event), max(line_number),
            count(*) filter (plan = case when substr(event, 2)::int % 3 = 0 then substr(event, 2)
                else 'line one' || chr(10) || 'of ' || substr(event, 2) end)
        from raw.events where source_path = ?""",
        [path],
    )
    assert figures == [(150_000, 150_000, 1 + 150_000 + 99_999, 150_000)]
