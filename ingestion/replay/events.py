"""Quarantined event rows: whole files are read, the rows in question are loaded.

The other rows of a file are needed to number equal contents; they were written before and come
first among equal ones, so that the events are those that one load of the corrected file would give.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import duckdb

from ingestion.dumps.load import load_dumps
from ingestion.events.files import EVENTS
from ingestion.landing.layout import Route, route
from ingestion.landing.manifest import NewFile, RefusedFile
from ingestion.landing.storage import LandingZone, StoredFile
from ingestion.loading.batch import Load
from ingestion.replay.report import ReplayedFile
from ingestion.replay.zone import ReplayZone
from ingestion.sql import literal

_FILES = """
    select company_id, app_id, path, checksum, min(modified_at), count(*)
    from quarantine where source = 'events' and is_selected and checksum is not null
    group by company_id, app_id, path, checksum order by path, checksum"""
_TEXTS = """
    select distinct on (line_number) line_number, raw_text from quarantine
    where path = {path} and checksum = {checksum} and source = 'events' and is_selected and is_whole
    order by line_number"""
# Rows of whole files are all to be written; of the others the selected ones that are good now.
_MARK = """
    create table replayed_rows as
    select file_number, line_number, is_selected, row_id
    from quarantine inner join event_files
        on quarantine.path = event_files.source_path and quarantine.checksum = event_files.checksum
    where source = 'events';
    delete from parsed_events where (file_number, line_number) in (
        select (file_number, line_number) from replayed_rows
        group by all having not bool_or(is_selected)
    );
    update parsed_events set is_written = reasons = '' and (file_number, line_number) in (
        select (file_number, line_number) from replayed_rows
    ) where file_number not in ({whole});"""
_FORGET_IDLE_FILES = """
    delete from event_files where file_number not in ({whole}) and file_number not in (
        select file_number from parsed_events where is_written)"""
_RESOLVED = """
    select row_id from replayed_rows
    inner join parsed_events using (file_number, line_number) where is_written"""
_FIGURES = """
    with rows as (
        select distinct file_number, line_number from replayed_rows where is_selected
    )
    select file_number, count(*), count(*) filter (parsed.is_written),
        count(*) filter (not parsed.is_written and parsed.reasons <> ''),
        list(parsed.reasons) filter (not parsed.is_written)
    from rows left join parsed_events as parsed using (file_number, line_number)
    group by file_number"""


@dataclass(frozen=True)
class _Part:
    """Rows of a file's content, and what to read them from (None: there is nothing)."""

    replayed: ReplayedFile
    new: NewFile | None


def replay_events(
    load: Load, zone: LandingZone, listed: dict[str, StoredFile], whole: list[NewFile]
) -> tuple[list[ReplayedFile], list[RefusedFile]]:
    """Load the selected rows, and ``whole`` files that were refused; return what came of each."""
    rebuilt = ReplayZone(zone)
    parts = [_part(load, rebuilt, zone, listed, row) for row in _rows(load.connection, _FILES)]
    files = [part.new for part in parts if part.new] + whole
    if not files:
        return [part.replayed for part in parts], []
    load.has_events = True
    numbers = _numbers(files)
    whole_numbers = ", ".join(str(numbers[new]) for new in whole) or "-1"

    def mark() -> None:
        load.connection.execute(_MARK.format(whole=whole_numbers))
        _tell(load.connection, parts, numbers)
        load.connection.execute(_FORGET_IDLE_FILES.format(whole=whole_numbers))

    refused = load_dumps(load.connection, rebuilt, files, load.loaded, load.writer, EVENTS, mark)
    load.writer.copy("row_resolutions", _RESOLVED, resolved_at=f"timestamp '{load.writer.now}'")
    _tell_duplicates(load.connection, parts, numbers)
    replayed = [part.replayed for part in parts]
    return replayed + _tell_whole(load.connection, whole, numbers, refused), refused


def _part(
    load: Load,
    rebuilt: ReplayZone,
    zone: LandingZone,
    listed: dict[str, StoredFile],
    row: tuple[str, str, str, str, datetime, int],
) -> _Part:
    company_id, app_id, path, checksum, modified_at, rows = row
    replayed = ReplayedFile(company_id, "events", path, rows=rows)
    found = route(path) or Route(company_id, app_id, "events", "", None)
    if refusal := load.registry.refusal(found.company_id, found.app_id):
        replayed.refused = rows
        replayed.reasons[refusal[0]] += rows
        return _Part(replayed, None)
    file = listed.get(path)
    if file is not None and zone.checksum(file) == checksum:
        received = rebuilt.received_at(file, modified_at)
        return _Part(replayed, NewFile(received, found, checksum))
    texts: list[tuple[int, str]] = []
    if found.file_format == "json":
        query = _TEXTS.format(path=literal(path), checksum=literal(checksum))
        texts = _rows(load.connection, query)
    if not texts:
        replayed.gone = rows
        return _Part(replayed, None)
    file = rebuilt.rebuild(path, modified_at, texts)
    return _Part(replayed, NewFile(file, replace(found, compression=None), checksum))


def _numbers(files: list[NewFile]) -> dict[NewFile, int]:
    """The file numbers that ``load_dumps`` will give."""
    ordered = sorted(files, key=lambda new: (new.file.modified_at, new.file.path))
    return {new: number for number, new in enumerate(ordered)}


def _tell(
    connection: duckdb.DuckDBPyConnection, parts: list[_Part], numbers: dict[NewFile, int]
) -> None:
    found = {number: rest for number, *rest in _rows(connection, _FIGURES)}
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


def _tell_duplicates(
    connection: duckdb.DuckDBPyConnection, parts: list[_Part], numbers: dict[NewFile, int]
) -> None:
    query = "select file_number, count(*) from new_events group by file_number"
    new_rows = dict(_rows(connection, query))
    for part in parts:
        if part.new is not None:
            accepted = min(part.replayed.accepted, new_rows.get(numbers[part.new], 0))
            part.replayed.duplicate = part.replayed.accepted - accepted
            part.replayed.accepted = accepted


def _tell_whole(
    connection: duckdb.DuckDBPyConnection,
    whole: list[NewFile],
    numbers: dict[NewFile, int],
    refused: list[RefusedFile],
) -> list[ReplayedFile]:
    query = """select file_number, count(*), count(*) filter (reasons <> '')
        from parsed_events group by file_number"""
    counts = {number: rest for number, *rest in _rows(connection, query)}
    new_rows = dict(_rows(connection, "select file_number, count(*) from new_events group by 1"))
    causes = {item.file.path: item.reason for item in refused}
    replayed = []
    for new in whole:
        rows, rejected = counts.get(numbers[new], (0, 0))
        accepted = new_rows.get(numbers[new], 0)
        file = ReplayedFile(
            new.route.company_id,
            "events",
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
