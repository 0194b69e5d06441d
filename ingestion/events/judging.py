"""Rows of an event dump, judged: the fields as they are stored, and every rule that they broke."""

from abc import ABC, abstractmethod

import duckdb

from ingestion.dumps.identity import may_be_derived_sql
from ingestion.dumps.rules import is_good_sql, reasons_sql, within_receipts_sql
from ingestion.event_fields import EVENT_FIELDS, EventField
from ingestion.events import rules
from ingestion.events.content import content_hash_sql
from ingestion.reading.text import beginning_sql, trimmed_sql
from ingestion.sql import literal, only_row


class EventForm(ABC):
    """How a file spells its events."""

    @abstractmethod
    def query(self, rows: str) -> str:
        """The fields query over a relation of the file's batches."""

    def prepare(self, database: duckdb.DuckDBPyConnection) -> tuple[str, int]:
        """Every line, record or row may be an event."""
        return "incoming", only_row(database.execute("select count(*) from incoming"))[0]

    def judged(self, rows: str, only_good: bool) -> str:
        """Rows of the columns of ``parsed_events``."""
        return _judged_sql(self.query(rows), only_good)


def _judged_sql(fields_query: str, only_good: bool) -> str:
    raw_text = "rtrim(raw_text, chr(13) || chr(10))"
    may_be_derived = may_be_derived_sql("event_id")
    broken = rules.event_rules()
    reasons = "''" if only_good else reasons_sql(broken, rules.IS_MALFORMED)
    return f"""
        with sent as ({fields_query}),
        trimmed as (select * replace ({_trimmed_fields()}) from sent),
        read as (
            select *, {rules.received_sql()} as read_receipt, {rules.numbers_sql()} from trimmed
        ),
        timed as (
            select * exclude (read_receipt), {within_receipts_sql("read_receipt")} as received
            from read
        ),
        judged as (
            select *, {reasons} as reasons from timed
            {f"where {is_good_sql(broken, may_be_derived)}" if only_good else ""}
        ),
        stored as (
            select
                {"source_path" if only_good else "file_number"}, line_number, company_id, app_id,
                reasons, case when reasons <> '' then {beginning_sql(raw_text)} end as raw_text,
                {", ".join(map(_stored, EVENT_FIELDS))},
                event_id as sender_id,
                case when received_at is not null then received end as sent_received_at
            from judged
        )
        select * exclude (sent_received_at),
            case when reasons = '' then {content_hash_sql()} end as content_hash
        from stored"""


def _trimmed_fields() -> str:
    return ", ".join(
        f"{trimmed_sql(field.name)} as {field.name}" for field in EVENT_FIELDS if field.is_trimmed
    )


def _stored(field: EventField) -> str:
    """The value of a field as the table holds it."""
    if field.kind == "time":
        return f"received as {field.name}"
    if field.kind == "whole_number":
        number = f"cast({rules.number_column(field)} as bigint)"
        return f"case when reasons = '' then {number} end as {field.name}"
    if field.default is not None:
        return f"coalesce({field.name}, {literal(field.default)}) as {field.name}"
    return field.name
