"""When a quarantined row is resolved: a later try accepted it, or the sender sent it corrected.

``raw.row_resolutions`` has what loading itself found out; the rest follows from ``raw``.
"""

import duckdb

from ingestion.raw.tables import SCHEMA

# The path came again with another content, in which neither the row nor its line is refused.
SUPERSEDED = """
    select rejected.row_id, min(files.loaded_at) as resolved_at
    from {rejected} as rejected
    inner join {files} as former using (company_id, path, load_id)
    inner join {files} as files
        on rejected.company_id = files.company_id and rejected.path = files.path
        and rejected.load_id < files.load_id and former.checksum <> files.checksum
    where not exists (
        select 1 from {rejected} as again
        where again.path = files.path and again.load_id = files.load_id
            and (again.line_number = rejected.line_number
                or again.raw_text is not distinct from rejected.raw_text))
    group by rejected.row_id"""
# A JSON row with an id of the sender's that another file has brought since; what was cut for its
# length is no JSON any more.
_SENT_AGAIN = """
    select rejected.row_id, min(events.loaded_at) as resolved_at
    from (
        select row_id, company_id, app_id, path, load_id,
            case when json_valid(raw_text) then coalesce(
            raw_text ->> '$.event_id', raw_text ->> '$.message_id', raw_text ->> '$.messageId'
        ) end as event_id
        from {rejected}
        where source = 'events' and resolved_at is null and raw_text like '{{%'
    ) as rejected
    inner join {raw}.events as events using (company_id, app_id, event_id)
    where events._dlt_load_id > rejected.load_id and events.source_path <> rejected.path
        and {since}
    group by rejected.row_id"""
_OF_NEWEST_LOAD = "events._dlt_load_id >= (select max(load_id) from {raw}._dlt_loads)"
_RESOLVE = """
    update {raw}.rejected_rows as rows set resolved_at = found.resolved_at
    from (
        select row_id, min(resolved_at) as resolved_at from (
            select row_id, resolved_at from {raw}.row_resolutions
            union all {superseded}
            union all {sent_again}
        ) group by row_id
    ) as found
    where rows.row_id = found.row_id and rows.resolved_at is null"""


def resolve_rows(
    connection: duckdb.DuckDBPyConnection, raw: str = SCHEMA, *, by_newest_load: bool = True
) -> None:
    """Fill in ``resolved_at`` where it is due.

    By default only events of the newest load are looked at; earlier loads have done the same.
    """
    unresolved = f"(select * from {raw}.rejected_rows where resolved_at is null)"
    since = _OF_NEWEST_LOAD.format(raw=raw) if by_newest_load else "true"
    connection.execute(
        _RESOLVE.format(
            raw=raw,
            superseded=SUPERSEDED.format(
                rejected=f"{raw}.rejected_rows", files=f"{raw}.loaded_files"
            ),
            sent_again=_SENT_AGAIN.format(raw=raw, rejected=unresolved, since=since),
        )
    )
