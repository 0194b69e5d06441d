"""What is expected of a load as a whole: its figures add up, and its tables are as defined."""

from ingestion.raw.tables import RAW_TABLES, SCHEMA
from ingestion.sql import literal
from orchestration.landing.expectations import RowSuite
from orchestration.quality.suites import between, equal, not_null

LOADED_FILES = RowSuite(
    name="loads_add_up",
    asset=(SCHEMA, "loaded_files"),
    description="What was read of a file is accepted, rejected or a duplicate; for every load"
    " and company, the accepted events and calls and the rejected rows are in their tables.",
    expectations=(
        not_null("path"),
        equal("rows_read", "rows_accounted_for"),
        between("smallest_count", 0, None),
        equal("events_accepted_in_load", "events_in_table"),
        equal("calls_accepted_in_load", "calls_in_table"),
        equal("rows_rejected_in_load", "rejected_rows_in_table"),
    ),
    place="{company_id} {path} (load {load_id})",
    advice="compare raw.loaded_files with raw.events, calls and rejected_rows of that load: it is"
    " written as one package, so someone else changed the warehouse",
    profile="""
    with files as (
        select company_id, path, load_id, _dlt_load_id, rows_read,
            rows_accepted + rows_rejected + rows_duplicate as rows_accounted_for,
            least(rows_accepted, rows_rejected, rows_duplicate, bytes) as smallest_count,
            (sum(rows_accepted) filter (kind = 'events')
                over (partition by _dlt_load_id, company_id))::bigint as events_accepted_in_load,
            (sum(rows_accepted) filter (kind = 'calls')
                over (partition by _dlt_load_id, company_id))::bigint as calls_accepted_in_load,
            (sum(rows_rejected) over (partition by _dlt_load_id, company_id))::bigint
                as rows_rejected_in_load
        from raw.loaded_files where {new}
    ),
    events as (
        select _dlt_load_id, company_id, count(*) as events from raw.events where {new}
        group by _dlt_load_id, company_id
    ),
    calls as (
        select _dlt_load_id, company_id, count(*) as calls from raw.calls where {new}
        group by _dlt_load_id, company_id
    ),
    rejects as (
        select _dlt_load_id, company_id, count(*) as rejects from raw.rejected_rows where {new}
        group by _dlt_load_id, company_id
    )
    select company_id, path, load_id, rows_read, rows_accounted_for, smallest_count,
        coalesce(events_accepted_in_load, 0) as events_accepted_in_load,
        coalesce(events, 0) as events_in_table,
        coalesce(calls_accepted_in_load, 0) as calls_accepted_in_load,
        coalesce(calls, 0) as calls_in_table,
        rows_rejected_in_load, coalesce(rejects, 0) as rejected_rows_in_table
    from files
    left join events using (_dlt_load_id, company_id)
    left join calls using (_dlt_load_id, company_id)
    left join rejects using (_dlt_load_id, company_id)
    """,
)

_EXPECTED_COLUMNS = ", ".join(
    f"({literal(table.name)}, {literal(name)}, {literal(kind)})"
    for table in RAW_TABLES
    for name, kind in table.duckdb_columns().items()
)

COLUMNS = RowSuite(
    name="columns_are_as_defined",
    asset=(SCHEMA, "loaded_files"),
    description="Every raw table has the columns and types that ingestion defines, and no other.",
    expectations=(equal("defined_type", "found_type"),),
    place="raw.{table_name}.{column_name}",
    advice="ingestion/raw/tables.py defines the columns: fix the table, or move the warehouse"
    " away and load again",
    profile=f"""
    with defined (table_name, column_name, kind) as (values {_EXPECTED_COLUMNS}),
    spelled as (
        select table_name, column_name, case kind
            when 'text' then 'VARCHAR' when 'decimal(18,4)' then 'DECIMAL(18,4)'
            else upper(kind) end as defined_type
        from defined
    ),
    found as (
        select table_name, column_name, data_type as found_type from duckdb_columns()
        where schema_name = '{SCHEMA}' and database_name = current_database()
            and table_name in (select table_name from defined)
    )
    select table_name, column_name, coalesce(defined_type, 'none') as defined_type,
        coalesce(found_type, 'none') as found_type
    from spelled full join found using (table_name, column_name)
    """,
)

ACCOUNTING_SUITES = (LOADED_FILES, COLUMNS)
