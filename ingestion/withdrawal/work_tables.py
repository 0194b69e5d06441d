"""The tables of a load in the work database: each load that is done again makes its own."""

import duckdb

_KEPT = ("reread", "changed_event_ids", "changed_call_ids", "withdrawn_contents")
_FOUND = """
    select 'view', view_name from duckdb_views()
    where database_name = 'memory' and schema_name = 'main' and not internal
    union all
    select 'table', table_name from duckdb_tables()
    where database_name = 'memory' and schema_name = 'main'"""


def drop_work_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave nothing of a load but what the withdrawal itself keeps."""
    for kind, name in connection.execute(_FOUND).fetchall():
        if name not in _KEPT:
            connection.execute(f'drop {kind} "{name}"')
