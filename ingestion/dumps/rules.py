"""Broken rules of a row as SQL, and which receipts can be meant: the same for events and calls.

A rule is a reason code and the condition under which a row breaks it. The column ``malformed``
holds the reason why a line has no fields to be judged, null where it has them.
"""

from collections.abc import Mapping
from datetime import datetime

MAX_AHEAD_DAYS = 366
# The years 1970 to 2200: every later check takes a receipt of these.
FIRST_RECEIPT, RECEIPTS_END = datetime(1970, 1, 1), datetime(2201, 1, 1)


def reasons_sql(rules: Mapping[str, str], is_malformed: str = "malformed is not null") -> str:
    """Every broken rule's code, in the order of ``rules``, comma-joined; '' for a good row.

    Where ``is_malformed`` holds, nothing else is judged.
    """
    any_broken = " or ".join(f"coalesce({condition}, false)" for condition in rules.values())
    codes = ", ".join(
        f"case when {condition} then '{code}' end" for code, condition in rules.items()
    )
    return f"""case when {is_malformed} then malformed
        when {any_broken} then concat_ws(',', {codes}) else '' end"""


def is_good_sql(rules: Mapping[str, str], *more_rules: str) -> str:
    """Whether a row breaks no rule (``reasons`` is '') and none of ``more_rules``, for a filter.

    One expression: conditions on their own would each be pushed down into the parsing below, to
    parse every line again (three times the work of a load).
    """
    conditions = ("malformed is not null", *rules.values(), *more_rules)
    broken = " or ".join(f"({condition})" for condition in conditions)
    return f"case when {broken} then false else true end"


def within_receipts_sql(received: str) -> str:
    """The receipt, null where no clock can have meant it."""
    return f"""case when {received} >= timestamp '{FIRST_RECEIPT}'
        and {received} < timestamp '{RECEIPTS_END}' then {received} end"""
