"""What is wrong with reference data: where, which value, and the nearest right word."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

_SHOWN_VALUE = 60
_SHOWN_WORDS = 12
_LIKENESS = 0.6


@dataclass(frozen=True)
class Problem:
    """One thing to correct. ``line`` is 1-based, the header counted; None for a whole file."""

    file: str
    line: int | None
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file} line {self.line}"
        return f"{place}: {self.message}"


def shown(value: str) -> str:
    """A value in quotes, cut to what a line can hold, control characters made visible."""
    return repr(value if len(value) <= _SHOWN_VALUE else f"{value[:_SHOWN_VALUE]}…")


def not_one_of(what: str, value: str, known: Iterable[str]) -> str:
    """The message for a word that is none of the known ones."""
    words = list(dict.fromkeys(known))
    if (nearest := nearest_word(value, words)) is not None:
        return f"{what} {shown(value)} is unknown; did you mean {nearest!r}?"
    more = f" and {len(words) - _SHOWN_WORDS} more" if len(words) > _SHOWN_WORDS else ""
    return f"{what} {shown(value)} is not one of {', '.join(words[:_SHOWN_WORDS])}{more}"


def nearest_word(value: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt one probably means, in whatever case it was written."""
    by_spelling = {word.lower(): word for word in known}
    found = difflib.get_close_matches(value.strip().lower(), by_spelling, n=1, cutoff=_LIKENESS)
    return by_spelling[found[0]] if found else None
