"""Rows against what is applied: new, updated, unchanged or refused. Writes nothing by itself."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingestion.imports.kinds import ImportContext, ImportKind, Key, ParsedRow, RowError, Values
from ingestion.imports.sheet import SheetRow


@dataclass
class ImportOutcome:
    """What a file's rows came to. ``new`` + ``updated`` + ``unchanged`` + ``error`` + duplicates
    are its rows; ``versions`` are the states to write, with the line each came from."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    refused: list[ParsedRow] = field(default_factory=list)
    accepted: list[ParsedRow] = field(default_factory=list)
    versions: list[Values] = field(default_factory=list)

    @property
    def error(self) -> int:
        """How many rows were refused."""
        return len(self.refused)

    @property
    def errors(self) -> list[RowError]:
        """Every broken rule, in the order of the file."""
        return [error for parsed in self.refused for error in parsed.errors]


def apply_rows(
    kind: ImportKind,
    rows: Iterable[SheetRow],
    context: ImportContext,
    current: dict[Key, Values],
) -> ImportOutcome:
    """Judge rows and bring ``current`` (the newest state by key) up to date with the good ones."""
    parsed_rows = [kind.parse(row, context) for row in rows]
    duplicates = _resolve_repeated_keys(kind, parsed_rows)
    outcome = ImportOutcome(duplicates=len(duplicates))
    for parsed in parsed_rows:
        if id(parsed) in duplicates:
            continue
        _apply_row(kind, parsed, current, outcome)
    return outcome


def _apply_row(
    kind: ImportKind, parsed: ParsedRow, current: dict[Key, Values], outcome: ImportOutcome
) -> None:
    stored = current.get(parsed.key) if parsed.key else None
    merged = {**(stored or kind.defaults), **parsed.values}
    if kind.check_stored and not parsed.errors:
        kind.check_stored(parsed, merged)
    if parsed.errors or parsed.key is None:
        outcome.refused.append(parsed)
        return
    outcome.accepted.append(parsed)
    if stored is not None and all(stored[column] == merged[column] for column in parsed.values):
        outcome.unchanged += 1
        return
    if stored is None:
        outcome.new += 1
    else:
        outcome.updated += 1
    merged["version_number"] = (stored or {"version_number": 0})["version_number"] + 1
    current[parsed.key] = merged
    outcome.versions.append({**merged, "line_number": parsed.row.line})


def _resolve_repeated_keys(kind: ImportKind, rows: list[ParsedRow]) -> set[int]:
    """Refuse rows that share a key, or count equal ones once; return the repeated rows' ids."""
    by_key: dict[Key, list[ParsedRow]] = defaultdict(list)
    for parsed in rows:
        if parsed.key is not None:
            by_key[parsed.key].append(parsed)
    repeated: set[int] = set()
    for group in by_key.values():
        if len(group) == 1:
            continue
        if kind.merges_equal_rows and all(row.values == group[0].values for row in group):
            repeated |= {id(row) for row in [row for row in group if not row.errors][1:]}
            continue
        hint = "" if kind.merges_equal_rows else "; send source_subscription_id to tell them apart"
        lines = ", ".join(str(row.row.line) for row in group)
        for row in group:
            row.reject(kind.required[0], "duplicate_key", f"lines {lines} have one key{hint}")
    return repeated
