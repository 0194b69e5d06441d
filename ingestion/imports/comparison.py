"""A subscriptions file beside what is stored: MRR before and after, and rows that look wrong.

The newest versions lie in a table that follows the files of a load, so that a file is compared by
queries whose cost grows with rows, never with pairs of rows.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa

from ingestion.imports.applying import ImportOutcome
from ingestion.imports.row_warnings import LETS_COUNT, QUESTIONS, WHOLE_FILE
from ingestion.imports.subscriptions import SUBSCRIPTIONS, subscription_id
from ingestion.imports.warnings import ImportWarning
from ingestion.raw.tables import RAW_TABLES_BY_NAME
from ingestion.raw.warehouse import LoadedData
from ingestion.reference import Company, Registry
from ingestion.sql import literal

_TABLE = RAW_TABLES_BY_NAME[SUBSCRIPTIONS.version_table]
_FACTORS = pa.schema([("currency", pa.string()), ("factor", pa.int64()), ("divisor", pa.int64())])
_SEEN = pa.schema([(name, pa.string()) for name in ("id", "org_id", "system")])

_VERSIONS = "newest_subscriptions"  # of every company that was asked for
_NEWEST = f"""
    insert into {_VERSIONS} by name
    select * exclude (_dlt_load_id) from {{table}} where company_id = {{company_id}}
    qualify row_number() over (partition by subscription_id order by version_number desc) = 1
    returning 1"""
_TAKE = f"""
    delete from {_VERSIONS} where subscription_id in (select subscription_id from changed);
    insert into {_VERSIONS} by name select * exclude (_dlt_load_id) from changed"""

# What the questions are asked of. Cents half up: amounts have 4 decimals, factors are exact.
_MRR = """cast(cast((2 * cast(cast(mrr as decimal(38, 4)) * 10000 as hugeint) * factor
    + 100 * divisor)
    // (200 * cast(divisor as hugeint)) as decimal(20, 0)) * 0.01 as decimal(20, 2))"""
_VIEWS = {
    "stored": f"select * from {_VERSIONS} where company_id = {{company_id}}",
    "after_file": """
        select *, null as line, false as is_new from stored
        where subscription_id not in (select subscription_id from changed)
        union all by name
        select *, line_number as line, version_number = 1 as is_new from changed""",
    **{
        f"{name}_counting": f"""
            select versions.*, {_MRR} as money
            from {name} as versions inner join factors using (currency)
            where {LETS_COUNT} and {{today}} between start_at and coalesce(end_at, {{today}})"""
        for name in ("stored", "after_file")
    },
}
_TOTALS = """
    select (select coalesce(sum(money), 0) from stored_counting),
        (select coalesce(sum(money), 0) from after_file_counting)"""


@dataclass(frozen=True)
class Comparison:
    """MRR of a day in the reporting currency, before and after a file; and its warnings."""

    mrr: tuple[Decimal, Decimal] | None
    warnings: list[ImportWarning]


class StoredSubscriptions:
    """The newest versions of subscriptions, in a table that follows the files of a load."""

    def __init__(self, loaded: LoadedData, registry: Registry, today: date) -> None:
        self._loaded = loaded
        self._registry = registry
        self._today = today
        self._companies: set[str] = set()
        self._company_of_views: str | None = None
        columns = _TABLE.duckdb_columns().items()
        typed = ", ".join(f"{name} {kind}" for name, kind in columns if name != "_dlt_load_id")
        loaded.connection.execute(f"create or replace table {_VERSIONS} ({typed})")

    def compare(
        self,
        company: Company,
        outcome: ImportOutcome,
        header_line: int | None,
        asks_for_mrr: bool,
    ) -> Comparison:
        """Compare what became of a file's rows with what is stored, and store their versions.

        ``header_line`` is None where the rows are not all of a file: then nothing is absent.
        """
        connection = self._loaded.connection
        self._load(company.company_id)
        tables = self._tables(company, outcome)
        for name, table in tables.items():
            connection.register(name, table)
        if self._company_of_views != company.company_id:
            self._make_views(company.company_id)
        changes = frozenset(version["version_number"] == 1 for version in outcome.versions)
        warnings = [
            worded(row)
            for query, worded, about in QUESTIONS
            if changes & about
            for row in connection.execute(query).fetchall()
        ]
        if header_line is not None:
            for query, worded in WHOLE_FILE.items():
                found = connection.execute(query).fetchall()
                warnings += [worded(row, header_line, company.reporting_currency) for row in found]
        mrr = connection.execute(_TOTALS).fetchone() if asks_for_mrr else None
        if changes:
            connection.execute(_TAKE)
        for name in tables:
            connection.unregister(name)
        return Comparison(mrr, warnings)

    def _make_views(self, company_id: str) -> None:
        values = {"company_id": literal(company_id), "today": f"date '{self._today}'"}
        for name, query in _VIEWS.items():
            query = query.format(**values)
            self._loaded.connection.execute(f"create or replace temp view {name} as {query}")
        self._company_of_views = company_id

    def _load(self, company_id: str) -> None:
        if company_id not in self._companies:
            self._companies.add(company_id)
            self._loaded.rows(_TABLE.name, _NEWEST, company_id=company_id)

    def _tables(self, company: Company, outcome: ImportOutcome) -> dict[str, pa.Table]:
        parsed = [*outcome.accepted, *outcome.refused]
        keys = {row.key for row in parsed if row.key is not None}
        ids = {key: subscription_id(company.company_id, key) for key in keys}
        versions, columns = outcome.versions, _TABLE.arrow_schema()
        changed = {name: [version.get(name) for version in versions] for name in columns.names}
        changed["company_id"] = [company.company_id] * len(versions)
        changed["subscription_id"] = [ids[SUBSCRIPTIONS.stored_key(row)] for row in versions]
        seen = {
            "id": [row.key and ids[row.key] for row in parsed],
            "org_id": [row.values["external_org_id"] for row in parsed],
            "system": [row.values.get("source_system") for row in parsed],
        }
        return {
            "changed": pa.table(changed, columns),
            "seen": pa.table(seen, _SEEN),
            "factors": self._factors(company),
        }

    def _factors(self, company: Company) -> pa.Table:
        """What one unit of each currency is today in the company's own, as a fraction."""
        rates, reporting = self._registry.rates, company.reporting_currency
        factors = {
            currency: rates.factor(currency, reporting, self._today)
            for currency in {*rates.currencies(), reporting}
            if self._registry.is_convertible(currency, company)
        }
        columns = [
            list(factors),
            [factor.numerator for factor in factors.values()],
            [factor.denominator for factor in factors.values()],
        ]
        return pa.table(columns, schema=_FACTORS)
