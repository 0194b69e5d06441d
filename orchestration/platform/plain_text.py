"""Texts that others wrote, made safe to show: in a terminal, in an alert, in a spreadsheet."""

import re

# Control characters move the cursor, colour or hide what follows; marks of direction show a text in
# another order than it has. Line ends are only kept where the caller says so.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# @everyone, @here, <!channel>, <@U024BE7LH>, <!subteam^…>, <https://…|looks like another>
_CALLS = re.compile("([@＠<])(?=\\S)")
_NOTHING = "\u200b"  # takes no room, and ends a mention
# What spreadsheets take for the beginning of a formula, and what makes them show it as it is.
AS_TEXT = "'"
FORMULA = "^[=+@\\-\t\r\n＝＋－＠]"


def visible(text: str, keep: str = "") -> str:
    """The text with characters that nobody sees as escapes (``\\x1b``), but for those to keep."""
    return _UNSEEN.sub(lambda found: found[0] if found[0] in keep else _escape(found[0]), text)


def calling_nobody(text: str) -> str:
    """The text as chats show it, on one line, without its mentions reaching anyone."""
    return _CALLS.sub(rf"\1{_NOTHING}", visible(text))


def without_formula(value: object) -> object:
    """The value, marked as a text where a spreadsheet would take it for a formula."""
    is_formula = isinstance(value, str) and re.match(FORMULA, value)
    return f"{AS_TEXT}{value}" if is_formula else value


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
