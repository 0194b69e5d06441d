"""Great Expectations suites for schema ``raw``, on profiles that DuckDB computes.

A profile is a small frame: one row per application, company or file, whatever the number of events.
Great Expectations takes seconds to import: it is imported where a suite is run.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_MRR_LIMIT = 1_000_000_000_000
_OLDEST, _NEWEST = datetime(1970, 1, 1), datetime(2200, 1, 1)


@dataclass(frozen=True)
class RawSuite:
    """A table's suite: what is asked of the rows of new loads, and what is expected of the answer.

    ``profile`` is SQL with ``{new}`` in place of the condition that picks those rows.
    """

    table: str
    description: str
    profile: str
    expectations: Callable[[Any], list[Any]]

    @property
    def name(self) -> str:
        """The name of the asset check."""
        return f"{self.table}_are_plausible"


@dataclass(frozen=True)
class Verdict:
    """What a suite said: ``failures`` holds one plain sentence per broken expectation."""

    failures: list[str]
    expectations: int
    profiled_rows: int

    @property
    def passed(self) -> bool:
        """Whether every expectation held."""
        return not self.failures


def validate(suite: RawSuite, profile: "pd.DataFrame") -> Verdict:
    """Run the suite on its profile. An empty profile passes: there is nothing to object to."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = (
        context.data_sources.add_pandas("profiles")
        .add_dataframe_asset(suite.table)
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": profile})
    )
    expectations = suite.expectations(gx.expectations)
    result = batch.validate(gx.ExpectationSuite(suite.name, expectations=expectations))
    failures = [_sentence(outcome) for outcome in result.results if not outcome.success]
    return Verdict(failures, len(expectations), len(profile))


def _sentence(outcome: Any) -> str:
    configuration = outcome.expectation_config
    rule = configuration.type.removeprefix("expect_").replace("_", " ")
    columns = [
        str(value)
        for name, value in configuration.kwargs.items()
        if name.startswith("column") and value
    ]
    found = outcome.result.get("partial_unexpected_list")
    if found is None:  # the expectation itself broke
        return f"{', '.join(columns)}: {rule}: {outcome.exception_info}"
    return f"{', '.join(columns)}: {rule}; found {', '.join(str(value) for value in found[:5])}"


def _between(gxe: Any, column: str, low: Any, high: Any) -> Any:
    return gxe.ExpectColumnValuesToBeBetween(column=column, min_value=low, max_value=high)


RAW_SUITES: tuple[RawSuite, ...] = (
    RawSuite(
        "events",
        "Keys are there, user hashes have 64 characters, times are within reason.",
        """
        select
            company_id, app_id,
            count(*) filter (
                where company_id is null or app_id is null or event_id is null
                or content_hash is null or event is null or customer_org_id is null
                or environment is null or received_at is null
            ) as rows_without_a_key,
            count(*) filter (where event_id = '' or event = '' or customer_org_id = '')
                as rows_with_an_empty_key,
            min(coalesce(length(user_hash), 0)) as shortest_user_hash,
            max(coalesce(length(user_hash), 0)) as longest_user_hash,
            min(received_at) as first_received_at,
            max(received_at) as last_received_at,
            min(ts_epoch) as smallest_ts_epoch,
            max(coalesce(length(path), 0)) as longest_path
        from raw.events where {new} group by all
        """,
        lambda gxe: [
            gxe.ExpectColumnValuesToNotBeNull(column="company_id"),
            gxe.ExpectColumnValuesToNotBeNull(column="app_id"),
            _between(gxe, "rows_without_a_key", 0, 0),
            _between(gxe, "rows_with_an_empty_key", 0, 0),
            _between(gxe, "shortest_user_hash", 64, 64),
            _between(gxe, "longest_user_hash", 64, 64),
            _between(gxe, "first_received_at", _OLDEST, _NEWEST),
            _between(gxe, "last_received_at", _OLDEST, _NEWEST),
            _between(gxe, "smallest_ts_epoch", 0, None),
            _between(gxe, "longest_path", 0, 2048),
        ],
    ),
    RawSuite(
        "loaded_files",
        "Every row that was read is accepted, rejected or a duplicate.",
        """
        select
            company_id, path, rows_read,
            rows_accepted + rows_rejected + rows_duplicate as rows_accounted_for,
            least(rows_accepted, rows_rejected, rows_duplicate, bytes) as smallest_count
        from raw.loaded_files where {new}
        """,
        lambda gxe: [
            gxe.ExpectColumnValuesToNotBeNull(column="company_id"),
            gxe.ExpectColumnValuesToNotBeNull(column="path"),
            gxe.ExpectColumnPairValuesToBeEqual(
                column_A="rows_read", column_B="rows_accounted_for"
            ),
            _between(gxe, "smallest_count", 0, None),
        ],
    ),
    RawSuite(
        "organization_versions",
        "Keys and names are there, versions count from one.",
        """
        select
            company_id,
            count(*) filter (
                where coalesce(external_org_id, '') = '' or coalesce(display_name, '') = ''
                or valid_from is null
            ) as rows_without_a_key,
            min(version_number) as lowest_version,
            max(length(external_org_id)) as longest_id
        from raw.organization_versions where {new} group by all
        """,
        lambda gxe: [
            gxe.ExpectColumnValuesToNotBeNull(column="company_id"),
            _between(gxe, "rows_without_a_key", 0, 0),
            _between(gxe, "lowest_version", 1, None),
            _between(gxe, "longest_id", 1, 255),
        ],
    ),
    RawSuite(
        "subscription_versions",
        "Amounts, currencies and periods are within reason.",
        """
        select
            company_id,
            count(*) filter (
                where subscription_id is null or coalesce(external_org_id, '') = ''
                or coalesce(product_code, '') = '' or mrr is null or start_at is null
                or valid_from is null
            ) as rows_without_a_key,
            min(version_number) as lowest_version,
            min(mrr) as lowest_mrr,
            max(mrr) as highest_mrr,
            count(*) filter (where not regexp_full_match(coalesce(currency, ''), '[A-Z]{{3}}'))
                as rows_with_an_odd_currency,
            count(*) filter (
                where coalesce(status, '') not in ('active', 'canceled', 'paused')
            ) as rows_with_an_odd_status,
            count(*) filter (where end_at < start_at) as rows_that_end_before_they_start
        from raw.subscription_versions where {new} group by all
        """,
        lambda gxe: [
            gxe.ExpectColumnValuesToNotBeNull(column="company_id"),
            _between(gxe, "rows_without_a_key", 0, 0),
            _between(gxe, "lowest_version", 1, None),
            _between(gxe, "lowest_mrr", 0, None),
            gxe.ExpectColumnValuesToBeBetween(
                column="highest_mrr", max_value=_MRR_LIMIT, strict_max=True
            ),
            _between(gxe, "rows_with_an_odd_currency", 0, 0),
            _between(gxe, "rows_with_an_odd_status", 0, 0),
            _between(gxe, "rows_that_end_before_they_start", 0, 0),
        ],
    ),
    RawSuite(
        "rejected_rows",
        "Every rejected row says where it was and why.",
        """
        select
            company_id, source,
            count(*) filter (where row_id is null or coalesce(path, '') = '')
                as rows_without_a_key,
            count(*) filter (where coalesce(reasons, '') = '') as rows_without_a_reason,
            min(line_number) as lowest_line_number
        from raw.rejected_rows where {new} group by all
        """,
        lambda gxe: [
            _between(gxe, "rows_without_a_key", 0, 0),
            _between(gxe, "rows_without_a_reason", 0, 0),
            _between(gxe, "lowest_line_number", 1, None),
        ],
    ),
)
