"""The tables of schema ``raw``: one definition for dlt, for the quarantine and for test fixtures.

Every table is append-only. A row counts once the load that wrote it is in ``raw._dlt_loads``;
rows of a load that never finished are removed before the next one (``ingestion.recovery``).
All timestamps are UTC without a zone.
"""

from ingestion.raw.table import RawTable

from ingestion.event_fields import EVENT_FIELDS

SCHEMA = "raw"

RAW_TABLES: tuple[RawTable, ...] = (
    RawTable(
        "events",
        "One row per accepted event content: an event id sent with two contents has two rows.",
        {
            "company_id": "text",
            "app_id": "text",
            "event_id": "text",
            "content_hash": "text",
            **{field.name: field.raw_type for field in EVENT_FIELDS},
            "source_path": "text",
            "line_number": "bigint",
            "loaded_at": "timestamp",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "event_receipts",
        "One row per later-loaded duplicate that was received earlier than the stored event.",
        {
            "company_id": "text",
            "app_id": "text",
            "event_id": "text",
            "content_hash": "text",
            "received_at": "timestamp",
            "source_path": "text",
            "line_number": "bigint",
            "loaded_at": "timestamp",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "event_id_collisions",
        "One row per event id each time it was found to carry a further, different content.",
        {
            "company_id": "text",
            "app_id": "text",
            "event_id": "text",
            "loaded_at": "timestamp",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "organization_versions",
        "One row per state that an imported organization has had.",
        {
            "company_id": "text",
            "external_org_id": "text",
            "display_name": "text",
            "version_number": "bigint",
            "valid_from": "timestamp",
            "source_path": "text",
            "line_number": "bigint",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "subscription_versions",
        "One row per state that an imported subscription has had.",
        {
            "company_id": "text",
            "subscription_id": "text",
            "external_org_id": "text",
            "product_code": "text",
            "mrr": "decimal(18,4)",
            "currency": "text",
            "start_at": "date",
            "end_at": "date?",
            "status": "text",
            "source_system": "text?",
            "source_subscription_id": "text?",
            "version_number": "bigint",
            "valid_from": "timestamp",
            "source_path": "text",
            "line_number": "bigint",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "dismissal_versions",
        "One row per state that a dismissal (organization, signal type, day) has had.",
        {
            "company_id": "text",
            "external_org_id": "text",
            "signal_type": "text",
            "dismissed_at": "date",
            "reason": "text?",
            "dismissed_by": "text?",
            "version_number": "bigint",
            "valid_from": "timestamp",
            "source_path": "text",
            "line_number": "bigint",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "loaded_files",
        "One row per load of a file's content, with the counts of that load.",
        {
            "company_id": "text",
            "app_id": "text?",
            "kind": "text",
            "path": "text",
            "checksum": "text",
            "bytes": "bigint",
            "modified_at": "timestamp",
            "rows_read": "bigint",
            "rows_accepted": "bigint",
            "rows_rejected": "bigint",
            "rows_duplicate": "bigint",
            "loaded_at": "timestamp",
            "load_id": "text",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "rejected_files",
        "One row per file that could not be loaded, per content and reason.",
        {
            "company_id": "text?",
            "path": "text",
            "reason": "text",
            "detail": "text?",
            "checksum": "text?",
            "bytes": "bigint",
            "modified_at": "timestamp",
            "load_id": "text",
            "rejected_at": "timestamp",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "rejected_rows",
        "One row per input row that broke a rule, with every reason and the text as sent.",
        {
            "row_id": "text",
            "company_id": "text",
            "app_id": "text?",
            "source": "text",
            "path": "text",
            "line_number": "bigint",
            "reasons": "text",
            "raw_text": "text?",
            "fields": "text?",
            "load_id": "text",
            "rejected_at": "timestamp",
            "resolved_at": "timestamp?",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "row_resolutions",
        "One row per rejected row that a later try accepted.",
        {"row_id": "text", "resolved_at": "timestamp", "_dlt_load_id": "text"},
    ),
    RawTable(
        "import_history",
        "One row per applied import file, and per later success of rows it had refused.",
        {
            "company_id": "text",
            "kind": "text",
            "path": "text",
            "checksum": "text",
            "rows_new": "bigint",
            "rows_updated": "bigint",
            "rows_unchanged": "bigint",
            "rows_error": "bigint",
            "applied_at": "timestamp",
            "load_id": "text",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "withdrawals",
        "One row per withdrawal and organization for which it changed anything.",
        {
            "company_id": "text",
            "external_org_id": "text?",
            "first_day": "date",
            "withdrawn_at": "timestamp",
            "load_id": "text",
            "_dlt_load_id": "text",
        },
    ),
    RawTable(
        "withdrawn_files",
        "One row per content of a file that was withdrawn: it is not loaded again by itself.",
        {
            "company_id": "text?",
            "path": "text",
            "checksum": "text",
            "bytes": "bigint",
            "modified_at": "timestamp",
            "withdrawn_at": "timestamp",
            "load_id": "text",
            "_dlt_load_id": "text",
        },
    ),
)

RAW_TABLES_BY_NAME = {table.name: table for table in RAW_TABLES}
