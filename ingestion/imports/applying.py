"""Rows against what is applied: new, updated, unchanged or refused. Writes nothing by itself."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from ingestion.imports.kinds import ImportContext, ImportKind, Key, ParsedRow, RowError, Values
from ingestion.imports.sheet import SheetRow
from ingestion.imports.warnings import ImportWarning

MAX_LINES_NAMED = 5  # in one message


@dataclass
class ImportOutcome:
    """What a file's rows came to. ``new`` + ``updated`` + ``unchanged`` + ``error`` + duplicates
    are its rows; ``versions`` are the states to write, with the line each came from. ``mrr`` is
    that of today before and after, in the company's reporting currency, for a preview of
    subscriptions."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    refused: list[ParsedRow] = field(default_factory=list)
    accepted: list[ParsedRow] = field(default_factory=list)
    versions: list[Values] = field(default_factory=list)
    warnings: list[ImportWarning] = field(default_factory=list)
    mrr: tuple[Decimal, Decimal] | None = None

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
    only: Collection[int] | None = None,
    overtaken: Callable[[set[Key]], Collection[Key]] = lambda keys: (),
) -> ImportOutcome:
    """Validate rows and bring ``current`` (the newest state by key) up to date with the good ones.

    All rows are looked at for keys that come twice; of ``only`` some lines more is done where that
    is given. ``overtaken`` tells, of keys whose stored values differ, those that newer files have
    set: their rows are accepted and change nothing.
    """
    parsed_rows = [kind.parse(row, context) for row in rows]
    duplicates = _resolve_repeated_keys(kind, parsed_rows)
    chosen = [parsed for parsed in parsed_rows if only is None or parsed.row.line in only]
    outcome = ImportOutcome(duplicates=sum(id(parsed) in duplicates for parsed in chosen))
    changing = {
        parsed.key
        for parsed in chosen
        if parsed.key and not parsed.errors and _changes(parsed, current)
    }
    settled = overtaken(changing) if changing else ()
    for parsed in chosen:
        if parsed.key in settled:
            outcome.accepted.append(parsed)
            outcome.unchanged += 1
        elif id(parsed) not in duplicates:
            _apply_row(kind, parsed, current, outcome)
    return outcome


def _changes(parsed: ParsedRow, current: dict[Key, Values]) -> bool:
    stored = current.get(parsed.key) if parsed.key else None
    return stored is not None and any(stored[name] != parsed.values[name] for name in parsed.values)


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
    if stored is not None and not _changes(parsed, current):
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
        message = f"lines {_named([row.row.line for row in group])} have one key{hint}"
        for row in group:
            row.reject(kind.required[0], "duplicate_key", message)
    return repeated


def _named(lines: list[int]) -> str:
    more = len(lines) - MAX_LINES_NAMED
    named = ", ".join(map(str, lines[:MAX_LINES_NAMED]))
    return f"{named} and {more:,} more" if more > 0 else named
