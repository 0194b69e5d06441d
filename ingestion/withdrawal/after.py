"""Schema ``raw`` as it would be without what is withdrawn, as views beside the warehouse.

The catalog ``loaded`` holds them, so that the code which loads files reads them as it reads the
warehouse: rows that stay, and rows of the loads that were done again so far.
"""

import duckdb

from ingestion.landing.layout import DUMP_KINDS
from ingestion.raw.resolutions import SUPERSEDED
from ingestion.raw.tables import RAW_TABLES, RAW_TABLES_BY_NAME
from ingestion.raw.warehouse import CATALOG, RAW, LoadedData
from ingestion.sql import literal
from ingestion.withdrawal.plan import PATH_COLUMNS, VERSION_TABLES, Plan
from ingestion.withdrawal.target import RAW_BEFORE

AGAIN = f"{CATALOG}.again"  # what the loads that are done again write

_KIND_COLUMNS = {"import_history": "kind", "import_warnings": "kind", "loaded_files": "kind"}
_REREAD_TABLES = (
    "events",
    "event_receipts",
    "calls",
    "call_receipts",
    "loaded_files",
    "rejected_rows",
)
# Ids that lose or gain a content: whether they carry several is looked at again.
_CHANGED_IDS = f"""
    create or replace table changed_{{one}}_ids as
    select distinct company_id, app_id, {{one}}_id from {RAW_BEFORE}.{{many}} where {{goes}}
    union select company_id, app_id, {{one}}_id from {RAW_BEFORE}.{{one}}_receipts
        where {{receipt_goes}}"""
_COLLISIONS = f"""
    delete from {AGAIN}.{{one}}_id_collisions;
    insert into {AGAIN}.{{one}}_id_collisions
    select company_id, app_id, {{one}}_id, max(loaded_at), max(_dlt_load_id)
    from {RAW}.{{many}} where {{is_changed}}
    group by company_id, app_id, {{one}}_id having count(distinct content_hash) > 1"""
_REJECTED_ROWS = """
    create or replace view {raw}.rejected_rows as
    with rows as ({rows}),
    resolutions as (
        select row_id, min(resolved_at) as resolved_at from (
            select row_id, resolved_at from {raw}.row_resolutions union all {superseded}
        ) group by row_id
    )
    select rows.* replace (resolutions.resolved_at as resolved_at)
    from rows left join resolutions using (row_id)"""


def is_changed_id(one: str) -> str:
    """SQL that holds for the ids of events (``event``) or calls that may be another content's."""
    key = f"(company_id, app_id, {one}_id)"
    return f"{key} in (select {key} from changed_{one}_ids)"


class After:
    """The views, and for each raw table the SQL of the stored rows that go."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
        self._connection = connection
        self._plan = plan
        self._tables = [table.name for table in RAW_TABLES if table.name in plan.tables]
        connection.execute("create table reread (path varchar, load_id varchar)")
        connection.execute(f"create schema {RAW}; create schema {AGAIN}")
        for name in self._tables:
            columns = RAW_TABLES_BY_NAME[name].duckdb_columns().items()
            typed = ", ".join(f"{column} {kind}" for column, kind in columns)
            connection.execute(f"create table {AGAIN}.{name} ({typed})")

    def read_again(self, files: list[tuple[str, str]]) -> None:
        """The files (path, load) of dumps of which the rows go and come again from the file."""
        if files:
            rows = ", ".join(f"({literal(path)}, {literal(load)})" for path, load in files)
            self._connection.execute(f"insert into reread values {rows}")
        for many, one in DUMP_KINDS.items():
            goes = {"goes": self.goes(many), "receipt_goes": self.goes(f"{one}_receipts")}
            self._connection.execute(_CHANGED_IDS.format(many=many, one=one, **goes))

    def goes(self, table: str) -> str:
        """SQL that holds for the stored rows of a table that are taken out or done again."""
        target, first = self._plan.target, literal(self._plan.first_load)
        if table.endswith("_id_collisions"):
            return is_changed_id(table.removesuffix("_id_collisions"))
        if table == "row_resolutions":
            rows = f"{RAW_BEFORE}.rejected_rows"
            of_load = target.condition() if target.load_id and not target.company_id else "false"
            return f"""({of_load}
                or row_id in (select row_id from {rows} where {self.goes("rejected_rows")})
                or _dlt_load_id >= {first} and row_id in (
                    select row_id from {rows} where {self._is_redone("source")}))"""
        if table not in PATH_COLUMNS:
            return "false"
        path = PATH_COLUMNS[table]
        parts = [target.condition(path)]
        if table in _REREAD_TABLES:
            parts.append(f"({path}, _dlt_load_id) in (select (path, load_id) from reread)")
        if (kind := self._kind(table)) is not None:
            parts.append(f"_dlt_load_id >= {first} and {self._is_redone(kind)}")
        return f"({' or '.join(parts)})"

    def until(self, load_id: str) -> LoadedData:
        """What is there after a load: of the loads up to it, and of those done again so far."""
        for name in sorted(self._tables, key=lambda name: name == "rejected_rows"):
            again = f"select * from {AGAIN}.{name}"
            query = f"""select {_columns(name)} from {RAW_BEFORE}.{name}
                where not {self.goes(name)} and _dlt_load_id <= {literal(load_id)}
                union all {again}"""
            if name == "rejected_rows":
                superseded = SUPERSEDED.format(rejected="rows", files=f"{RAW}.loaded_files")
                self._connection.execute(
                    _REJECTED_ROWS.format(raw=RAW, rows=query, superseded=superseded)
                )
            else:
                self._connection.execute(f"create or replace view {RAW}.{name} as {query}")
        return LoadedData.prepared(self._connection, set(self._tables))

    def find_collisions(self) -> None:
        """The changed ids that still carry several contents."""
        for many, one in DUMP_KINDS.items():
            query = _COLLISIONS.format(many=many, one=one, is_changed=is_changed_id(one))
            self._connection.execute(query)

    def _kind(self, table: str) -> str | None:
        """SQL of the kind of import that a row of a table is of."""
        by_table = {name: literal(kind) for kind, name in VERSION_TABLES.items()}
        return (by_table | _KIND_COLUMNS | {"rejected_rows": "source"}).get(table)

    def _is_redone(self, kind: str) -> str:
        pairs = ", ".join(f"({literal(c)}, {literal(k)})" for c, k in sorted(self._plan.redone))
        return f"(company_id, {kind}) in ({pairs})" if pairs else "false"


def _columns(table: str) -> str:
    return ", ".join(RAW_TABLES_BY_NAME[table].columns)
