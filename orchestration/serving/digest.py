"""What changed in the signals of a company: the digest, for the command line and the webhook."""

from datetime import date, timedelta
from typing import Any

import duckdb

from ingestion.sql import with_values

Row = dict[str, Any]
CHANGES = ("opened", "dismissed", "closed")
_DAYS = 7
_SHOWN = 10
# What came and went within a week since the first day is no news to anybody any more.
_QUERY = f"""
    select * from marts.signal_changes
    where company_id = $1 and app_id = 'all' and changed_on >= $2
        and not (status = 'resolved' and opened_on >= $2 and days_held < {_DAYS})
    order by array_position({list(CHANGES)}, change), priority desc nulls last, changed_on desc,
        external_org_id, signal_type"""


def companies_of(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Every company with its day."""
    return _rows(connection, "select * from marts.companies order by company_id")


def changes_of_week(connection: duckdb.DuckDBPyConnection, company: Row) -> list[Row]:
    """What changed in the seven days that end on the company's as-of date."""
    first_day = company["as_of_date"] - timedelta(days=_DAYS - 1)
    return changes_since(connection, company["company_id"], first_day)


def changes_since(
    connection: duckdb.DuckDBPyConnection, company_id: str, first_day: date
) -> list[Row]:
    """What opened, was dismissed and closed from a day on, as ``signal_changes`` has it."""
    return _rows(connection, _QUERY, company_id, first_day)


def count_changes(found: list[Row]) -> str:
    """How many of each kind: 4 opened, 2 dismissed, 3 closed."""
    kinds = [row["change"] for row in found]
    return ", ".join(f"{kinds.count(change)} {change}" for change in CHANGES)


def message(company: Row, found: list[Row]) -> Row:
    """The body for a webhook: ``text`` for people, the rows for programs."""
    lines = [
        f"{company['name']} ({company['company_id']}): {count_changes(found)} in the {_DAYS} days"
        f" up to {company['as_of_date']}"
    ]
    opened = [row for row in found if row["change"] == "opened"]
    lines += [
        f"• {row['display_name']} ({row['external_org_id']}), {row['signal_type']}:"
        f" {row['explanation'] or 'dismissed since'}"
        for row in opened[:_SHOWN]
    ]
    if len(opened) > _SHOWN:
        lines.append(f"• and {len(opened) - _SHOWN} more")
    names = ("external_org_id", "display_name", "signal_type", "opened_on", "changed_on", "mrr")
    return {
        "text": "\n".join(lines),
        "company_id": company["company_id"],
        "as_of_date": str(company["as_of_date"]),
        **{
            change: [
                {name: _plain(row[name]) for name in (*names, "priority", "explanation")}
                for row in found
                if row["change"] == change
            ]
            for change in CHANGES
        },
    }


def _rows(connection: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[Row]:
    cursor = connection.execute(with_values(query, *values))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | float) else str(value)
