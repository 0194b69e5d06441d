"""Pages: which paths are one page, by the patterns of ``page_paths.csv``."""

from functools import cache

from tests.oracle.inputs import CompanyInputs, Row


def page_of(inputs: CompanyInputs, app_id: str, path: str) -> str:
    """The pattern that a path belongs to, else the path itself."""
    matching = [
        row
        for row in inputs.page_patterns
        if row["app_id"] in ("*", app_id) and fits(row["path_pattern"], path)
    ]
    return min(matching, key=_preference)["path_pattern"] if matching else path


@cache
def fits(pattern: str, path: str) -> bool:
    """Whether a path is as a pattern says, read from its start.

    A ``:`` that begins a segment, with the name behind it, is one segment that is not empty; ``*``
    is any run of characters; every other character is itself.
    """
    if not pattern:
        return not path
    if pattern[0] == "*":
        return any(fits(pattern[1:], path[start:]) for start in range(len(path) + 1))
    if pattern.startswith("/:"):
        name_end = next((i for i, c in enumerate(pattern) if i > 1 and c in "/*"), len(pattern))
        longest = next((i for i, c in enumerate(path) if i and c == "/"), len(path))
        return path[:1] == "/" and any(
            fits(pattern[name_end:], path[end:]) for end in range(2, longest + 1)
        )
    return path[:1] == pattern[0] and fits(pattern[1:], path[1:])


def literal_characters(pattern: str) -> int:
    """Characters of a pattern that stand for themselves."""
    segments = pattern.split("/")
    named = [s.partition("*") if s.startswith(":") else ("", "*", s) for s in segments[1:]]
    rest = [segments[0], *(after for _, _, after in named)]
    return len(segments) - 1 + sum(len(part.replace("*", "")) for part in rest)


def _preference(row: Row) -> tuple:
    """Own rows, the application's own, the most specific pattern, then the order of the text."""
    pattern = row["path_pattern"]
    return (
        row["company_id"] == "*",
        row["app_id"] == "*",
        -literal_characters(pattern),
        pattern.count("*"),
        pattern,
    )
