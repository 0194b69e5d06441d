"""Which of the copied rows have to wait for others: the load or the warehouse has their id twice.

Good rows go to their files before all is read. A row whose id comes once is an event, whatever
else there is; the others are taken back into ``parsed_events``, where ``ingestion.events.identity``
sorts them. Looking for them reads one narrow column, so that memory does not grow with the rows.
"""

from pathlib import Path

import duckdb

from ingestion.event_fields import EVENT_FIELDS
from ingestion.raw.writer import RawWriter
from ingestion.sql import literal

# Hashes of ids, not ids: 8 bytes instead of 32. Rows that share no more than the hash are taken
# back too, which changes nothing but the way they take.
_REPEATED = """
    create table repeated_ids as
    select id from (
        select hash(event_id) as id from read_parquet({files})
        union all
        select hash(coalesce(sender_id, content_hash)) from parsed_events where reasons = ''
    ) group by id having count(*) > 1"""
_KNOWN = """
    insert into repeated_ids
    select hash(event_id) from {raw}.events
    where hash(event_id) in (select hash(event_id) from read_parquet({files}))"""
_IS_TAKEN_BACK = """(hash(event_id) in (select id from read_parquet({ids}))
    or source_path in ({failed}))"""
_CONCERNED = """
    select distinct filename from read_parquet({files}, filename = true) where {condition}"""
_FIELDS = ", ".join(field.name for field in EVENT_FIELDS)
_TAKE_BACK = """
    insert into parsed_events by name
    select file_number, line_number, copied.company_id, copied.app_id, '' as reasons,
        {fields}, content_hash,
        case when event_id <> content_hash then event_id end as sender_id
    from read_parquet({files}) as copied
    inner join event_files using (source_path)
    where {condition}"""


def take_back(
    connection: duckdb.DuckDBPyConnection, writer: RawWriter, raw: str | None, failed: list[str]
) -> None:
    """Move rows that are not alone, and rows of failed files, into ``parsed_events``.

    ``raw`` is the qualified schema of what was loaded before, None before the first load;
    ``failed`` are paths.
    """
    files = writer.copied("events")
    if not files:
        return
    connection.execute(_REPEATED.format(files=_list(files)))
    if raw is not None:
        connection.execute(_KNOWN.format(raw=raw, files=_list(files)))
    condition = _IS_TAKEN_BACK.format(
        # As a file, because the destination asks for them, too.
        ids=literal(writer.keep("repeated_ids", "from repeated_ids")),
        failed=", ".join(map(literal, ["", *failed])),
    )
    query = _CONCERNED.format(files=_list(files), condition=condition)
    concerned = [Path(row[0]) for row in connection.execute(query).fetchall()]
    if concerned:
        connection.execute(
            _TAKE_BACK.format(fields=_FIELDS, files=_list(concerned), condition=condition)
        )
        writer.leave_out("events", condition)


def _list(files: list[Path]) -> str:
    return f"[{', '.join(literal(path) for path in files)}]"
