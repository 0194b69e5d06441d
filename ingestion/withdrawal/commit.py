"""The one transaction that makes a withdrawal: all of it is there, or nothing."""

from datetime import datetime

import duckdb
from dlt.common.storages.load_package import create_load_id

from ingestion.loading.load_ids import continue_after
from ingestion.raw.resolutions import resolve_rows
from ingestion.raw.tables import RAW_TABLES
from ingestion.raw.warehouse import RAW
from ingestion.sql import literal, only_row
from ingestion.withdrawal.after import AGAIN, After, is_changed_id
from ingestion.withdrawal.plan import Plan
from ingestion.withdrawal.target import RAW_BEFORE

_DAY = "cast(coalesce(make_timestamp(ts_epoch * 1000000), events.received_at) as date)"
# An id that loses a content may fall to another one, of another organization and day; a receipt
# that goes moves an event without a time of its own.
_TOUCHED_EVENTS = f"""
    with events as (select * from {{raw}}.events where {is_changed_id("event")})
    select events.company_id, events.customer_org_id as external_org_id,
        least({_DAY}, cast(receipts.received_at as date)) as first_day
    from events
    left join {{raw}}.event_receipts as receipts
        using (company_id, app_id, event_id, content_hash)"""
# Which organization a call counts for, the models say.
_TOUCHED_CALLS = f"""
    select company_id, null as external_org_id, cast(min(occurred_at) as date) as first_day
    from {{raw}}.calls where {is_changed_id("call")} group by company_id"""
_CHANGED_VERSIONS = """
    select company_id, null as external_org_id, {day} as first_day from (
        (select company_id, {columns} from {before}.{table} where {goes}
            except select company_id, {columns} from {after}.{table})
        union all
        (select company_id, {columns} from {after}.{table}
            except select company_id, {columns} from {before}.{table} where {goes})
    )"""
_VERSION_DAYS = {
    "organization_versions": (
        "external_org_id, display_name, valid_from",
        "cast(valid_from as date)",
    ),
    "subscription_versions": (
        "external_org_id, product_code, mrr, currency, start_at, end_at, status, valid_from",
        "start_at",
    ),
    "dismissal_versions": (
        "external_org_id, signal_type, dismissed_at, reason, dismissed_by",
        "dismissed_at",
    ),
}
_NEW_LOAD = f"""
    insert into {RAW_BEFORE}._dlt_loads by name
    select {{load_id}} as load_id, schema_name, 0 as status, {{now}} as inserted_at,
        schema_version_hash
    from {RAW_BEFORE}._dlt_loads order by load_id desc limit 1"""
_FILES = f"""
    insert into {RAW_BEFORE}.withdrawn_files by name
    select company_id, path, checksum, bytes, modified_at, {{now}} as withdrawn_at,
        {{load_id}} as load_id, {{load_id}} as _dlt_load_id
    from (
        select company_id, path, checksum, bytes, modified_at from {RAW_BEFORE}.loaded_files
        where {{condition}}
        union
        select company_id, path, checksum, bytes, modified_at from {RAW_BEFORE}.rejected_files
        where {{condition}} and checksum is not null
    )"""
_UNRESOLVE = f"""
    update {RAW_BEFORE}.rejected_rows set resolved_at = null where company_id in ({{companies}})"""


def commit(connection: duckdb.DuckDBPyConnection, plan: Plan, after: After, now: datetime) -> None:
    """Replace the rows in the warehouse, and record what was withdrawn and what it concerns."""
    (newest,) = only_row(connection.execute(f"select max(load_id) from {RAW_BEFORE}._dlt_loads"))
    continue_after(newest)
    load_id = create_load_id()
    values = {"load_id": literal(load_id), "now": f"timestamp '{now}'"}
    connection.execute(f"create table touched as {_touched_sql(plan, after)}")
    tables = [table.name for table in RAW_TABLES if table.name in plan.tables]
    goes = {table: after.goes(table) for table in tables}
    # Rows that decide on others go last.
    order = sorted(tables, key=lambda name: name in ("rejected_rows", "loaded_files"))
    companies = ", ".join(map(literal, sorted(plan.companies))) or "null"
    connection.execute("begin")
    connection.execute(_FILES.format(condition=plan.target.condition(), **values))
    for table in order:
        if goes[table] != "false":
            connection.execute(f"delete from {RAW_BEFORE}.{table} where {goes[table]}")
    for table in order:
        connection.execute(f"insert into {RAW_BEFORE}.{table} by name from {AGAIN}.{table}")
    connection.execute(
        f"insert into {RAW_BEFORE}.withdrawals by name select *, {values['now']} as withdrawn_at,"
        f" {values['load_id']} as load_id, {values['load_id']} as _dlt_load_id from touched"
    )
    connection.execute(_NEW_LOAD.format(**values))
    connection.execute(_UNRESOLVE.format(companies=companies))
    resolve_rows(connection, RAW_BEFORE, by_newest_load=False)
    connection.execute("commit")


def _touched_sql(plan: Plan, after: After) -> str:
    """Company, organization (null: all of them) and the first day that is another one now."""
    parts = [
        query.format(raw=raw)
        for query in (_TOUCHED_EVENTS, _TOUCHED_CALLS)
        for raw in (RAW_BEFORE, RAW)
    ]
    for table, (columns, day) in _VERSION_DAYS.items():
        parts.append(
            _CHANGED_VERSIONS.format(
                table=table,
                columns=columns,
                day=day,
                goes=after.goes(table),
                before=RAW_BEFORE,
                after=AGAIN,
            )
        )
    return f"""select company_id, external_org_id, min(first_day) as first_day
        from ({" union all ".join(f"({part})" for part in parts)})
        group by company_id, external_org_id"""
