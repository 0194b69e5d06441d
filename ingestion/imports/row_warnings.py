"""Which rows of a subscriptions file look wrong beside what is stored: a query and its words each.

The queries read what ``comparison.py`` makes: ``stored`` and ``after_file`` (newest versions; those
of the file have a ``line``), ``changed`` (versions that the file brings), ``seen`` (its keys), and
``stored_counting`` (rows that count today, with ``money``).
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from ingestion.imports.warnings import ImportWarning

# "MRR" of the definitions: whether a newest version that is in force lets its row count.
LETS_COUNT = "(status = 'active' or (status = 'canceled' and end_at is not null))"
_COUNTING = f"""
    select *, coalesce(end_at, date '9999-12-31') as last_day from after_file where {LETS_COUNT}"""

_NEVER = f"""
    select line_number, external_org_id, product_code, status from changed
    where version_number = 1 and status <> 'void' and not {LETS_COUNT}
    order by line_number"""
_RESTATED = """
    select changed.line_number, changed.external_org_id, changed.product_code,
        stored.mrr, stored.currency, changed.mrr, changed.currency
    from changed inner join stored using (subscription_id)
    where changed.mrr <> stored.mrr or changed.currency <> stored.currency
    order by changed.line_number"""

# One period for every organization that has an id. The two that end last are enough to compare
# with: one of them is not the row's own.
_MOVED = f"""
    with counting as ({_COUNTING} and source_subscription_id is not null),
    holders as (
        select source_system, source_subscription_id, external_org_id,
            min(start_at) as first_day, max(last_day) as last_day
        from counting group by all
    ),
    last_holders as (
        select * from holders
        qualify row_number() over (
            partition by source_system, source_subscription_id
            order by last_day desc, external_org_id
        ) <= 2
    )
    select own.line, own.external_org_id, own.product_code, source_subscription_id,
        others.external_org_id
    from counting as own inner join last_holders as others using (source_subscription_id)
    where own.line is not null and own.external_org_id <> others.external_org_id
        and own.source_system is not distinct from others.source_system
        and own.start_at <= others.last_day and others.first_day <= own.last_day
    qualify row_number() over (partition by own.line order by others.last_day desc) = 1
    order by own.line"""

# Within one product: the row before it that ends last, or the stored row after it that starts
# first. Within any product: a row whose last day is the new row's first.
_OVERLAPS = f"""
    with counting as (
        select *, row_number() over (order by start_at, is_new, line, subscription_id) as position
        from ({_COUNTING})
        where external_org_id in (select external_org_id from changed where version_number = 1)
    ),
    neighbours as (
        select *,
            max(last_day) over earlier_rows as earlier_end,
            arg_max(position, last_day) over earlier_rows as earlier,
            min(start_at) filter (where not is_new) over later_rows as later_start,
            min(position) filter (where not is_new) over later_rows as later
        from counting
        window
            earlier_rows as (partition by external_org_id, product_code order by position
                rows between unbounded preceding and 1 preceding),
            later_rows as (partition by external_org_id, product_code order by position
                rows between 1 following and unbounded following)
    ),
    ends as (
        select external_org_id, last_day, min(position) as one, max(position) as another
        from counting group by all
    ),
    pairs as (
        select own.*,
            case
                when earlier_end >= own.start_at then earlier
                when later_start <= own.last_day then later
                when one <> position then one
                when another <> position then another
            end as other
        from neighbours as own
        left join ends
            on own.external_org_id = ends.external_org_id and own.start_at = ends.last_day
        where own.is_new
    )
    select pairs.line, pairs.external_org_id, pairs.product_code, others.product_code,
        others.start_at, others.end_at, others.line,
        greatest(pairs.start_at, others.start_at), least(pairs.last_day, others.last_day)
    from pairs inner join counting as others on pairs.other = others.position
    order by pairs.line"""

_ABSENT = """
    select count(*), sum(money),
        arg_max(
            struct_pack(external_org_id, product_code, money),
            struct_pack(money, subscription_id)
        )
    from stored_counting
    where subscription_id not in (select id from seen where id is not null)
        and (
            external_org_id in (select org_id from seen)
            or source_system in (select system from seen where system is not null)
        )
    having count(*) > 0"""


def _never(row: Any) -> ImportWarning:
    line, org_id, product, status = row
    state = "paused" if status == "paused" else "canceled without an end"
    detail = f"{state} from its first version on: it counts on no day, also of the past"
    return ImportWarning("never_counts", line, org_id, product, detail)


def _restated(row: Any) -> ImportWarning:
    line, org_id, product, old, old_currency, new, new_currency = row
    detail = (
        f"{_plain(old)} {old_currency} becomes {_plain(new)} {new_currency} from the row's first "
        "day on: past months change with it; a price change in time is two rows"
    )
    return ImportWarning("amount_restated", line, org_id, product, detail)


def _moved(row: Any) -> ImportWarning:
    line, org_id, product, sent_id, other = row
    detail = (
        f"subscription {sent_id} is stored for {other} as well, and both count: "
        "if it moved, import the row of the other with its last day in end_at, or as void"
    )
    return ImportWarning("id_in_another_organization", line, org_id, product, detail)


def _overlaps(row: Any) -> ImportWarning:
    line, org_id, product, other, start_at, end_at, other_line, first, last = row
    place = f"line {other_line}" if other_line else "stored"
    period = f"from {start_at} to {end_at}" if end_at else f"from {start_at} on"
    until = " on" if last.year == date.max.year else f" to {last}"
    days = f"on {first}" if first == last else f"from {first}{until}"
    detail = f"both this row and {other} {period} ({place}) count {days}"
    return ImportWarning("same_product_overlaps", line, org_id, product, detail)


def _absent(row: Any, header_line: int, currency: str) -> ImportWarning:
    count, money, largest = row
    are = "1 stored row is" if count == 1 else f"{count:,} stored rows are"
    detail = (
        f"{are} not in this file: {money:,.2f} a month go on counting (the largest: "
        f"{largest['money']:,.2f} {currency} of {largest['external_org_id']}, "
        f"{largest['product_code']}); to stop one, import it with its last day in end_at"
    )
    ids = largest["external_org_id"], largest["product_code"]
    return ImportWarning("stored_rows_absent", header_line, *ids, detail)


def _plain(amount: Decimal) -> str:
    """At least two decimals, more where there are."""
    return f"{amount:.2f}" if amount == round(amount, 2) else f"{amount.normalize():f}"


# A query, the words of each of its rows, and which versions of a file it asks about.
NEW, UPDATED = frozenset({True}), frozenset({False})
QUESTIONS: tuple[tuple[str, Callable[[Any], ImportWarning], frozenset[bool]], ...] = (
    (_MOVED, _moved, NEW | UPDATED),
    (_OVERLAPS, _overlaps, NEW),
    (_NEVER, _never, NEW),
    (_RESTATED, _restated, UPDATED),
)
# The same where the rows are all of a file; these also take its headings' line and the currency.
WHOLE_FILE: dict[str, Callable[[Any, int, str], ImportWarning]] = {_ABSENT: _absent}
