"""Which of the copied rows have to wait for others: the load or the warehouse has their id twice.

Good rows go to their files before all is read. A row whose id comes once is new, whatever else
there is; the others are taken back to the parsed rows, which ``ingestion.dumps.identity`` sorts.
Looking for them reads one narrow column, so that memory does not grow with the rows.
"""

from pathlib import Path

import duckdb

from ingestion.dumps.kind import DumpKind
from ingestion.raw.writer import RawWriter
from ingestion.sql import literal

# Hashes of ids, not ids: 8 bytes instead of 32. Rows that share no more than the hash are taken
# back too, which changes nothing but the way they take.
_REPEATED = """
    create table repeated_{one}_ids as
    select id from (
        select hash({one}_id) as id from read_parquet({files})
        union all
        select hash(coalesce(sender_id, content_hash)) from parsed_{many} where reasons = ''
    ) group by id having count(*) > 1"""
_KNOWN = """
    insert into repeated_{one}_ids
    select hash({one}_id) from {raw}.{many}
    where hash({one}_id) in (select hash({one}_id) from read_parquet({files}))"""
_IS_TAKEN_BACK = """(hash({one}_id) in (select id from read_parquet({ids}))
    or source_path in ({failed}))"""
_CONCERNED = """
    select distinct filename from read_parquet({files}, filename = true) where {condition}"""
_TAKE_BACK = """
    insert into parsed_{many} by name
    select file_number, {copied_place}, copied.company_id, copied.app_id, '' as reasons,
        {fields}, content_hash,
        case when {one}_id <> content_hash then {one}_id end as sender_id
    from read_parquet({files}) as copied
    inner join {one}_files using (source_path)
    where {condition}"""


def take_back(
    connection: duckdb.DuckDBPyConnection,
    writer: RawWriter,
    kind: DumpKind,
    raw: str | None,
    failed: list[str],
) -> None:
    """Move rows that are not alone, and rows of failed files, to the parsed ones.

    ``raw`` is the qualified schema of what was loaded before, None before the first load;
    ``failed`` are paths.
    """
    files = writer.copied(kind.many)
    if not files:
        return
    connection.execute(kind.sql(_REPEATED, files=_list(files)))
    if raw is not None:
        connection.execute(kind.sql(_KNOWN, raw=raw, files=_list(files)))
    repeated = kind.sql("repeated_{one}_ids")
    condition = kind.sql(
        _IS_TAKEN_BACK,
        # As a file, because the destination asks for them, too.
        ids=literal(writer.keep(repeated, f"from {repeated}")),
        failed=", ".join(map(literal, ["", *failed])),
    )
    query = kind.sql(_CONCERNED, files=_list(files), condition=condition)
    concerned = [Path(row[0]) for row in connection.execute(query).fetchall()]
    if concerned:
        place = (f"{kind.working.get(name, name)} as {name}" for name in kind.place)
        connection.execute(
            kind.sql(
                _TAKE_BACK,
                copied_place=", ".join(place),
                fields=", ".join(kind.fields),
                files=_list(concerned),
                condition=condition,
            )
        )
        writer.leave_out(kind.many, condition)


def _list(files: list[Path]) -> str:
    return f"[{', '.join(literal(path) for path in files)}]"
