"""What a withdrawal concerns beyond its own rows: which imports and files have to be done again."""

from dataclasses import dataclass, field

import duckdb

from ingestion.sql import only_row
from ingestion.withdrawal.target import RAW_BEFORE, Target

PATH_COLUMNS = {
    "events": "source_path",
    "event_receipts": "source_path",
    "calls": "source_path",
    "call_receipts": "source_path",
    "organization_versions": "source_path",
    "subscription_versions": "source_path",
    "dismissal_versions": "source_path",
    "import_history": "path",
    "import_warnings": "path",
    "loaded_files": "path",
    "rejected_files": "path",
    "rejected_rows": "path",
}
VERSION_TABLES = {
    "organizations": "organization_versions",
    "subscriptions": "subscription_versions",
    "dismissals": "dismissal_versions",
}
# A row of the one is judged by what is there of the other.
_CONCERNED = {
    "organizations": ("organizations", "subscriptions", "dismissals"),
    "subscriptions": ("subscriptions",),
    "dismissals": ("dismissals",),
    "events": ("dismissals",),
    "calls": ("dismissals",),
}
_KINDS = """
    select distinct company_id, kind from (
        select company_id, kind from {raw}.loaded_files where {on_path}
        union all select company_id, kind from {raw}.import_history where {on_path}
        union all select company_id, source from {raw}.rejected_rows where {on_path}
        union all select company_id, 'events' from {raw}.events where {on_source}
        union all select company_id, 'calls' from {raw}.calls where {on_source}
    )"""
_FIRST_LOAD = """
    select min(load_id) from ({loads})"""
_HAS_ROWS = """
    select 1 from {raw}.{table} where company_id = '{company_id}'
    union all select 1 from {raw}.rejected_rows
        where company_id = '{company_id}' and source = '{kind}'
    limit 1"""


@dataclass(frozen=True)
class Plan:
    """``first_load`` is the first with rows of the target; None where there are none.

    ``redone`` are (company, kind of import): of those, every load from the first on is done again.
    ``tables`` are the raw tables that the warehouse has.
    """

    target: Target
    tables: frozenset[str]
    first_load: str | None
    companies: frozenset[str]
    redone: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def make_plan(
    connection: duckdb.DuckDBPyConnection, target: Target, tables: frozenset[str]
) -> Plan:
    """Look at what the target has left in the warehouse."""
    queries = [
        f"select _dlt_load_id as load_id from {RAW_BEFORE}.{table} where {target.condition(column)}"
        for table, column in PATH_COLUMNS.items()
        if table in tables
    ]
    query = _FIRST_LOAD.format(loads=" union all ".join(queries))
    (first_load,) = only_row(connection.execute(query))
    kinds = connection.execute(
        _KINDS.format(
            raw=RAW_BEFORE,
            on_path=target.condition(),
            on_source=target.condition("source_path"),
        )
    ).fetchall()
    redone = {
        (company_id, kind)
        for company_id, cause in kinds
        for kind in _CONCERNED.get(cause, ())
        if kind == cause or _has_rows(connection, company_id, kind)
    }
    companies = frozenset(company_id for company_id, _ in kinds)
    return Plan(target, tables, first_load, companies, frozenset(redone))


def _has_rows(connection: duckdb.DuckDBPyConnection, company_id: str, kind: str) -> bool:
    query = _HAS_ROWS.format(
        raw=RAW_BEFORE, table=VERSION_TABLES[kind], company_id=company_id, kind=kind
    )
    return connection.execute(query).fetchone() is not None
