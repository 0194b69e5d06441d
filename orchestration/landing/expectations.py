"""What is expected of the rows that a load wrote to schema ``raw``."""

from dataclasses import dataclass
from datetime import timedelta

from ingestion.calls.functions import KINDS
from ingestion.dumps.rules import FIRST_RECEIPT, RECEIPTS_END
from ingestion.raw.tables import SCHEMA
from orchestration.quality.suites import Expectation, Suite, between, not_null

_MRR_LIMIT = 1_000_000_000_000
_NEWEST_RECEIPT = RECEIPTS_END - timedelta(microseconds=1)


@dataclass(frozen=True)
class RowSuite(Suite):
    """A suite on the rows of new loads: ``profile`` is SQL with ``{new}`` for what picks them.

    An empty profile is not judged: there is nothing to object to.
    """

    profile: str = ""


def _plausible(
    table: str, description: str, profile: str, expectations: tuple[Expectation, ...]
) -> RowSuite:
    return RowSuite(
        name=f"{table}_are_plausible",
        asset=(SCHEMA, table),
        description=description,
        expectations=expectations,
        place="{company_id} {app_id} {path}",
        advice=f"look at raw.{table} of that file: loading should have refused such rows",
        profile=profile,
    )


EVENTS = _plausible(
    "events",
    "Keys are there and unique, user hashes have 64 characters, times are within reason.",
    """
    select
        company_id, app_id, min(source_path) as path,
        count(*) filter (
            where company_id is null or app_id is null or event_id is null
            or content_hash is null or event is null or customer_org_id is null
            or environment is null or received_at is null
        ) as rows_without_a_key,
        count(*) filter (where event_id = '' or event = '' or customer_org_id = '')
            as rows_with_an_empty_key,
        count(*) - count(distinct (event_id, content_hash)) as rows_with_a_known_key,
        min(coalesce(length(user_hash), 0)) as shortest_user_hash,
        max(coalesce(length(user_hash), 0)) as longest_user_hash,
        min(received_at) as first_received_at,
        max(received_at) as last_received_at,
        min(ts_epoch) as smallest_ts_epoch,
        max(coalesce(length(path), 0)) as longest_path
    from raw.events where {new} group by company_id, app_id
    """,
    (
        not_null("company_id"),
        not_null("app_id"),
        between("rows_without_a_key", 0, 0),
        between("rows_with_an_empty_key", 0, 0),
        between("rows_with_a_known_key", 0, 0),
        between("shortest_user_hash", 64, 64),
        between("longest_user_hash", 64, 64),
        between("first_received_at", FIRST_RECEIPT, _NEWEST_RECEIPT),
        between("last_received_at", FIRST_RECEIPT, _NEWEST_RECEIPT),
        between("smallest_ts_epoch", 0, None),
        between("longest_path", 0, 2048),
    ),
)

CALLS = _plausible(
    "calls",
    "Keys are there and unique, hashes have 64 characters, times and kinds are within reason.",
    f"""
    select
        company_id, app_id, min(source_path) as path,
        count(*) filter (
            where company_id is null or app_id is null or call_id is null
            or content_hash is null or vendor is null or occurred_at is null
            or received_at is null or is_time_sent is null or is_automatic is null
        ) as rows_without_a_key,
        count(*) - count(distinct (call_id, content_hash)) as rows_with_a_known_key,
        count(*) filter (where coalesce(kind, '') not in {KINDS}) as rows_with_an_odd_kind,
        count(*) filter (
            where kind <> 'group' and user_hash is null and anonymous_hash is null
        ) as rows_without_an_actor,
        min(length(coalesce(user_hash, anonymous_hash))) as shortest_hash,
        max(length(coalesce(user_hash, anonymous_hash))) as longest_hash,
        min(received_at) as first_received_at,
        max(received_at) as last_received_at,
        min(occurred_at) as first_occurred_at,
        max(coalesce(length(path), 0)) as longest_path
    from raw.calls where {{new}} group by company_id, app_id
    """,
    (
        not_null("company_id"),
        not_null("app_id"),
        between("rows_without_a_key", 0, 0),
        between("rows_with_a_known_key", 0, 0),
        between("rows_with_an_odd_kind", 0, 0),
        between("rows_without_an_actor", 0, 0),
        between("shortest_hash", 64, 64),
        between("longest_hash", 64, 64),
        between("first_received_at", FIRST_RECEIPT, _NEWEST_RECEIPT),
        between("last_received_at", FIRST_RECEIPT, _NEWEST_RECEIPT),
        between("first_occurred_at", FIRST_RECEIPT, None),
        between("longest_path", 0, 2048),
    ),
)

ORGANIZATIONS = _plausible(
    "organization_versions",
    "Keys and names are there, versions count from one and come once.",
    """
    select
        company_id, null as app_id, min(source_path) as path,
        count(*) filter (
            where coalesce(external_org_id, '') = '' or coalesce(display_name, '') = ''
            or valid_from is null
        ) as rows_without_a_key,
        count(*) - count(distinct (external_org_id, version_number)) as rows_with_a_known_key,
        min(version_number) as lowest_version,
        max(length(external_org_id)) as longest_id
    from raw.organization_versions where {new} group by company_id
    """,
    (
        not_null("company_id"),
        between("rows_without_a_key", 0, 0),
        between("rows_with_a_known_key", 0, 0),
        between("lowest_version", 1, None),
        between("longest_id", 1, 255),
    ),
)

SUBSCRIPTIONS = _plausible(
    "subscription_versions",
    "Amounts, currencies and periods are within reason, versions come once.",
    """
    select
        company_id, null as app_id, min(source_path) as path,
        count(*) filter (
            where subscription_id is null or coalesce(external_org_id, '') = ''
            or coalesce(product_code, '') = '' or mrr is null or start_at is null
            or valid_from is null
        ) as rows_without_a_key,
        count(*) - count(distinct (subscription_id, version_number)) as rows_with_a_known_key,
        min(version_number) as lowest_version,
        min(mrr)::double as lowest_mrr,
        max(mrr)::double as highest_mrr,
        count(*) filter (where not regexp_full_match(coalesce(currency, ''), '[A-Z]{{3}}'))
            as rows_with_an_odd_currency,
        count(*) filter (
            where coalesce(status, '') not in ('active', 'canceled', 'paused', 'void')
        ) as rows_with_an_odd_status,
        count(*) filter (where end_at < start_at) as rows_that_end_before_they_start
    from raw.subscription_versions where {new} group by company_id
    """,
    (
        not_null("company_id"),
        between("rows_without_a_key", 0, 0),
        between("rows_with_a_known_key", 0, 0),
        between("lowest_version", 1, None),
        between("lowest_mrr", 0, None),
        between("highest_mrr", None, _MRR_LIMIT, strict=True),
        between("rows_with_an_odd_currency", 0, 0),
        between("rows_with_an_odd_status", 0, 0),
        between("rows_that_end_before_they_start", 0, 0),
    ),
)

REJECTED_ROWS = _plausible(
    "rejected_rows",
    "Every rejected row says where it was and why.",
    """
    select
        company_id, app_id, min(path) as path,
        count(*) filter (where row_id is null or coalesce(path, '') = '') as rows_without_a_key,
        count(*) filter (where coalesce(reasons, '') = '') as rows_without_a_reason,
        min(line_number) as lowest_line_number
    from raw.rejected_rows where {new} group by company_id, app_id
    """,
    (
        between("rows_without_a_key", 0, 0),
        between("rows_without_a_reason", 0, 0),
        between("lowest_line_number", 1, None),
    ),
)

ROW_SUITES = (EVENTS, CALLS, ORGANIZATIONS, SUBSCRIPTIONS, REJECTED_ROWS)
