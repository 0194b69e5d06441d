"""Which later files sent an event or call that is withdrawn: only they can bring it back."""

from collections.abc import Iterable, Iterator

import duckdb

from ingestion.dumps.kind import DumpKind
from ingestion.dumps.parsing import parse_files
from ingestion.dumps.rows import DumpFile
from ingestion.landing.layout import DUMP_KINDS
from ingestion.landing.manifest import NewFile
from ingestion.sql import literal
from ingestion.withdrawal.plan import Plan
from ingestion.withdrawal.target import RAW_BEFORE
from ingestion.withdrawal.work_tables import drop_work_tables
from ingestion.withdrawal.zone import FormerFiles

_BYTES_AT_ONCE = 256 << 20

_CONTENTS = """
    create or replace table withdrawn_contents as
    select distinct kind, company_id, app_id, content_hash from ({contents})"""
_OF_TABLE = f"""
    select '{{many}}' as kind, company_id, app_id, content_hash
    from {RAW_BEFORE}.{{table}} where {{condition}}"""
# A file whose rows were all new, and not refused, has nothing that was there already.
_CANDIDATES = f"""
    select path, load_id from {RAW_BEFORE}.loaded_files as files
    where load_id >= {{first}} and not {{condition}}
        and (kind, company_id, app_id) in (
            select (kind, company_id, app_id) from withdrawn_contents)
        and (rows_duplicate > 0 or exists (
            select 1 from {RAW_BEFORE}.rejected_rows as rows
            where rows.path = files.path and rows.load_id = files.load_id
                and rows.resolved_at is not null))"""
_SHARING = """
    select distinct file_number from parsed_{many}
    where reasons = '' and (company_id, app_id, content_hash) in (
        select (company_id, app_id, content_hash) from withdrawn_contents where kind = '{many}')"""


def candidates(connection: duckdb.DuckDBPyConnection, plan: Plan) -> list[tuple[str, str]]:
    """Loads (path, load) of files that may have sent a withdrawn event or call again."""
    target = plan.target
    condition = target.condition("source_path")
    contents = " union all ".join(
        _OF_TABLE.format(many=many, table=table, condition=condition)
        for many, one in DUMP_KINDS.items()
        for table in (many, f"{one}_receipts")
        if table in plan.tables
    )
    connection.execute(_CONTENTS.format(contents=contents))
    query = _CANDIDATES.format(first=literal(plan.first_load), condition=target.condition())
    return connection.execute(query).fetchall()


def sharing_files(
    connection: duckdb.DuckDBPyConnection,
    files: FormerFiles,
    kind: DumpKind,
    found: Iterable[NewFile],
) -> list[NewFile]:
    """The files of a kind that hold what is withdrawn; their rows are read and judged."""
    sharing = []
    for group in _groups(found):
        numbered = [
            DumpFile(number, new.file, new.route, new.checksum) for number, new in enumerate(group)
        ]
        parse_files(connection, files, numbered, kind, None)
        numbers = {number for (number,) in connection.execute(kind.sql(_SHARING)).fetchall()}
        sharing += [new for number, new in enumerate(group) if number in numbers]
        drop_work_tables(connection)
    return sharing


def _groups(found: Iterable[NewFile]) -> Iterator[list[NewFile]]:
    """Files of as many bytes as are read at once."""
    group: list[NewFile] = []
    for new in found:
        if group and sum(item.file.size for item in [*group, new]) > _BYTES_AT_ONCE:
            yield group
            group = []
        group.append(new)
    if group:
        yield group
