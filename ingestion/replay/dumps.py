"""Quarantined rows of events and calls: whole files are read, the rows in question are loaded.

The other rows of a file are needed to number equal contents; they were written before and come
first among equal ones, so that the events or calls are those that one load of the
corrected file would give.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import duckdb

from ingestion.dumps.kind import DumpKind
from ingestion.dumps.load import DumpLoad
from ingestion.landing.layout import Route, route
from ingestion.landing.manifest import NewFile, RefusedFile
from ingestion.landing.storage import LandingZone, StoredFile
from ingestion.loading.batch import Load
from ingestion.replay.report import ReplayedFile
from ingestion.replay.zone import ReplayZone
from ingestion.sql import literal

_FILES = """
    select company_id, app_id, path, checksum, min(modified_at), count(*)
    from quarantine where source = '{many}' and is_selected and checksum is not null
    group by company_id, app_id, path, checksum order by path, checksum"""
_TEXTS = """
    select distinct on ({place}) line_number, {item_number}, raw_text from quarantine
    where path = {path} and checksum = {checksum} and source = '{many}' and is_selected and is_whole
    order by {place}"""
# Rows of whole files are all to be written; of the others the selected ones that are good now.
_MARK = """
    create table replayed_{many} as
    select file_number, {place}, is_selected, row_id
    from quarantine inner join {one}_files
        on quarantine.path = {one}_files.source_path and quarantine.checksum = {one}_files.checksum
    where source = '{many}';
    delete from parsed_{many} where (file_number, {place}) in (
        select (file_number, {place}) from replayed_{many}
        group by all having not bool_or(is_selected)
    );
    update parsed_{many} set is_written = reasons = '' and (file_number, {place}) in (
        select (file_number, {place}) from replayed_{many}
    ) where file_number not in ({whole});"""
_FORGET_IDLE_FILES = """
    delete from {one}_files where file_number not in ({whole}) and file_number not in (
        select file_number from parsed_{many} where is_written)"""
_RESOLVED = """
    select row_id from replayed_{many}
    inner join parsed_{many} using (file_number, {place}) where is_written"""
_FIGURES = """
    with rows as (
        select distinct file_number, {place} from replayed_{many} where is_selected
    )
    select file_number, count(*), count(*) filter (parsed.is_written),
        count(*) filter (not parsed.is_written and parsed.reasons <> ''),
        list(parsed.reasons) filter (not parsed.is_written)
    from rows left join parsed_{many} as parsed using (file_number, {place})
    group by file_number"""


_NEW_ROWS = "select file_number, count(*) from new_{many} group by file_number"
_WHOLE_FIGURES = """
    select file_number, count(*), count(*) filter (reasons <> '')
    from parsed_{many} group by file_number"""


@dataclass(frozen=True)
class _Part:
    """Rows of a file's content, and what to read them from (None: there is nothing)."""

    replayed: ReplayedFile
    new: NewFile | None


def replay_dumps(
    load: Load,
    kind: DumpKind,
    zone: LandingZone,
    listed: dict[str, StoredFile],
    whole: list[NewFile],
) -> tuple[list[ReplayedFile], list[RefusedFile]]:
    """Load the selected rows, and ``whole`` files that were refused; return what came of each."""
    rebuilt = ReplayZone(zone)
    rows = _rows(load.connection, kind.sql(_FILES))
    parts = [_part(load, kind, rebuilt, zone, listed, row) for row in rows]
    files = [part.new for part in parts if part.new] + whole
    if not files:
        return [part.replayed for part in parts], []
    load.loaded_kinds.add(kind.many)
    dumps = DumpLoad(load.connection, rebuilt, files, load.loaded, load.writer, kind)
    dumps.parse(keep_all=True)
    numbers = dumps.numbers
    whole_numbers = ", ".join(str(numbers[new]) for new in whole) or "-1"
    load.connection.execute(kind.sql(_MARK, whole=whole_numbers))
    _count_rows(load.connection, kind, parts, numbers)
    load.connection.execute(kind.sql(_FORGET_IDLE_FILES, whole=whole_numbers))
    refused = dumps.write()
    resolved = kind.sql(_RESOLVED)
    load.writer.copy("row_resolutions", resolved, resolved_at=f"timestamp '{load.writer.now}'")
    rows_by_number = dict(_rows(load.connection, kind.sql(_NEW_ROWS)))
    new_rows = {new: rows_by_number.get(number, 0) for new, number in numbers.items()}
    _count_duplicates(parts, new_rows)
    replayed = [part.replayed for part in parts]
    counts = {number: rest for number, *rest in _rows(load.connection, kind.sql(_WHOLE_FIGURES))}
    figures = {new: (*counts.get(numbers[new], (0, 0)), new_rows[new]) for new in whole}
    return replayed + _whole_files(kind, figures, refused), refused


def _part(
    load: Load,
    kind: DumpKind,
    rebuilt: ReplayZone,
    zone: LandingZone,
    listed: dict[str, StoredFile],
    row: tuple[str, str, str, str, datetime, int],
) -> _Part:
    company_id, app_id, path, checksum, modified_at, rows = row
    replayed = ReplayedFile(company_id, kind.many, path, rows=rows)
    found = route(path) or Route(company_id, app_id, kind.many, "", None)
    if refusal := load.registry.refusal(found.company_id, found.app_id):
        replayed.refused = rows
        replayed.reasons[refusal[0]] += rows
        return _Part(replayed, None)
    file = listed.get(path)
    if file is not None and zone.checksum(file) == checksum:
        received = rebuilt.received_at(file, modified_at)
        return _Part(replayed, NewFile(received, found, checksum))
    texts: list[tuple[int, str]] = []
    if found.file_format.startswith("json"):
        item_number = "item_number" if "item_number" in kind.place else "0"
        query = kind.sql(
            _TEXTS, path=literal(path), checksum=literal(checksum), item_number=item_number
        )
        texts = _lines(_rows(load.connection, query))
    if not texts:
        replayed.gone = rows
        return _Part(replayed, None)
    file = rebuilt.rebuild(path, modified_at, texts)
    return _Part(replayed, NewFile(file, replace(found, compression=None), checksum))


def _lines(texts: list[tuple[int, int, str]]) -> list[tuple[int, str]]:
    """Texts by line; the items of a batch that are not among them are null."""
    lines = []
    for line, found in groupby(texts, lambda text: text[0]):
        items = {number: text for _, number, text in found}
        batch = ",".join(items.get(number, "null") for number in range(1, max(items) + 1))
        lines.append((line, items.get(0) or f"[{batch}]"))
    return lines


def _count_rows(
    connection: duckdb.DuckDBPyConnection,
    kind: DumpKind,
    parts: list[_Part],
    numbers: dict[NewFile, int],
) -> None:
    found = {number: rest for number, *rest in _rows(connection, kind.sql(_FIGURES))}
    for part in parts:
        if part.new is None:
            continue
        lines, good, refused, reasons = found.get(numbers[part.new], (0, 0, 0, []))
        # One line may be in quarantine several times, once per load of the content.
        share = part.replayed.rows / lines if lines else 0
        part.replayed.accepted = round(good * share)
        part.replayed.refused = round(refused * share)
        part.replayed.gone = part.replayed.rows - part.replayed.accepted - part.replayed.refused
        for text in reasons or []:
            part.replayed.reasons.update((text or "").split(",") if text else [])


def _count_duplicates(parts: list[_Part], new_rows: dict[NewFile, int]) -> None:
    for part in parts:
        if part.new is not None:
            accepted = min(part.replayed.accepted, new_rows[part.new])
            part.replayed.duplicate = part.replayed.accepted - accepted
            part.replayed.accepted = accepted


def _whole_files(
    kind: DumpKind, figures: dict[NewFile, tuple[int, int, int]], refused: list[RefusedFile]
) -> list[ReplayedFile]:
    """What came of whole files, from their rows read, rejected and written."""
    causes = {item.file.path: item.reason for item in refused}
    replayed = []
    for new, (rows, rejected, accepted) in figures.items():
        file = ReplayedFile(
            new.route.company_id,
            kind.many,
            new.file.path,
            is_whole_file=True,
            rows=rows,
            accepted=accepted,
            duplicate=rows - rejected - accepted,
            refused=rejected,
        )
        if new.file.path in causes:
            file.reasons[causes[new.file.path]] += 1
        replayed.append(file)
    return replayed


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()
