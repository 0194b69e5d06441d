"""Tables on the terminal: however they are laid out, they look the same."""

import io
import json
from contextlib import redirect_stdout
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.cli import output

COLUMNS = ("Organization", "Name", "MRR")
WORDS = st.text(st.sampled_from("ab 日é\n\t\x1b[1]é "), max_size=40)
ROWS = st.lists(st.tuples(WORDS, st.none() | WORDS, st.integers(0, 10**12)), max_size=8)


def printed(rows) -> str:
    with redirect_stdout(io.StringIO()) as out:
        output.print_table("Title", COLUMNS, rows, numbers=("MRR",))
    return out.getvalue()


def printed_row_by_row(rows) -> str:
    with patch.object(output, "_tall", lambda lines, _widths: lines):
        return printed(rows)


@given(rows=ROWS)
def test_tall_cells_look_like_rows(rows):
    assert printed(rows) == printed_row_by_row(rows)


@pytest.mark.parametrize("length", range(100, 180, 4))
def test_the_widest_text_is_folded_where_the_screen_ends(length):
    rows = [("b", "x" * 20, 2), ("a " * (length // 2), "Acme", 1), ("c", "日" * 30, 3)]
    text = printed(rows)
    assert text == printed_row_by_row(rows)
    assert max(map(len, text.splitlines())) <= 160
    assert text.count("a") - text.count("Acme") - "Organization".count("a") == length // 2


def test_columns_that_are_all_too_wide_are_left_to_rich():
    rows = [("a" * 200, "b" * 200, 1), ("c", "d", 2)]
    assert printed(rows) == printed_row_by_row(rows)
    assert printed(rows).count("b") == 200


def test_a_table_without_rows_has_its_head():
    assert "Organization" in printed([])


UNSEEN = "\x1b[2J\x9b31m\u202eevil\x00\r"


def test_characters_that_nobody_sees_are_shown_as_escapes(capsys):
    output.print_table(None, ("File",), [(UNSEEN,)])
    output.print_line(f"{UNSEEN}\nnext line")
    output.note(UNSEEN)
    output.fail(UNSEEN, 1)
    out, err = capsys.readouterr()
    for text in (out, err):
        assert not set(text) & set(UNSEEN) - set("[2J31mevil")
        assert text.count("\\x1b[2J\\x9b31m\\u202eevil\\x00\\r") == 2
    assert "\nnext line\n" in out


def test_json_is_the_same_and_moves_no_cursor(capsys):
    output.print_json({"file": UNSEEN, "name": "Ärger"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"file": UNSEEN, "name": "Ärger"}
    assert "Ärger" in out
    assert not set(out) & set("\x1b\x9b\u202e\x00\r")


def test_no_text_of_a_csv_begins_a_formula(capsys):
    rows = [{"a": "=1+1", "b": -5, "c": "@x"}, {"a": "-1", "b": 2, "c": None}]
    output.print_csv(("a", "b", "c"), rows)
    assert capsys.readouterr().out == "a,b,c\n'=1+1,-5,'@x\n'-1,2,\n"
