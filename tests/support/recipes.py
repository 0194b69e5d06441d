"""Pages of docs that tell what to edit, followed to the letter on a copy of the project."""

import re
from pathlib import Path

from tests.support.dbt_runner import PROJECT_ROOT

# What to do, the file, for an insertion the line below it, and the first block of code after it.
_STEP = re.compile(
    r"(Append to|Create|Replace in|Insert into) `([^`]+)`(?:, above `([^`]+)`)?[^\n]*\n\n"
    r"```\w+\n(.*?)^```",
    re.M | re.S,
)


def follow(page: str, folder: Path) -> list[tuple[str, str]]:
    """Do the steps of a page of docs below a folder; returns what was done with which file."""
    steps = _STEP.findall((PROJECT_ROOT / "docs" / page).read_text("utf-8"))
    for verb, file, below, text in steps:
        _do(folder / file, verb, below, text)
    return [(verb, file) for verb, file, *_ in steps]


def _do(target: Path, verb: str, below: str, text: str) -> None:
    if verb == "Create":
        assert not target.exists()
        target.write_text(text, "utf-8")
        return
    content = target.read_text("utf-8")
    if verb == "Append to":
        target.write_text(content + text, "utf-8")
        return
    if verb == "Insert into":
        old = next(line for line in content.splitlines(keepends=True) if line.strip() == below)
        new = text + old
    else:
        old, new = text.splitlines(keepends=True)
    assert content.count(old) == 1, f"the recipe does not know where: {old}"
    target.write_text(content.replace(old, new), "utf-8")
