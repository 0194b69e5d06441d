"""Lines to items: a line is a call, or a batch of as many rows as it has items."""

import duckdb

from ingestion.dumps.rows import FILE_COLUMNS
from ingestion.reading.json_text import is_strict_sql
from ingestion.sql import only_row

# Hints that cost little, because their first characters are rare; what a line really is, its parser
# says.
_MAY_BE_BATCH = """not is_too_long and (regexp_matches(line, '^\\s*\\[')
    or contains(line, 'batch"') or contains(line, 'vents"'))"""
_ITEMS = f"""
    create or replace table items as
    with lists as (
        select *, case when {_MAY_BE_BATCH} and json_valid(line) and {is_strict_sql("line")}
            then case
                when json_type(line) = 'ARRAY' then json_extract(line, '$[*]')
                when json_type(line, '$.batch') = 'ARRAY' then json_extract(line, '$.batch[*]')
                when json_type(line, '$.events') = 'ARRAY'
                    and not has(cast(line -> '$.event_type' as varchar))
                    then json_extract(line, '$.events[*]') end end as items
        from incoming
    )
    select {FILE_COLUMNS}, line_number, 0 as item_number, is_too_long, false as has_api_key,
        line as item
    from lists where items is null
    union all
    select {FILE_COLUMNS}, line_number, unnest(range(1, len(items) + 1)), false,
        has(cast(line -> '$.api_key' as varchar)), cast(unnest(items) as varchar)
    from lists where items is not null"""
_NO_BATCHES = f"""(
    select {FILE_COLUMNS}, line_number, 0 as item_number, is_too_long, false as has_api_key,
        line as item
    from incoming)"""


def items_of(database: duckdb.DuckDBPyConnection) -> str:
    """A relation of the items of ``incoming``.

    Items are numbered from 1; a line that is no batch is one item with the number 0.
    """
    hints = f"select count(*) from incoming where {_MAY_BE_BATCH}"
    if not only_row(database.execute(hints))[0]:
        return _NO_BATCHES
    database.execute(_ITEMS)
    return "items"
