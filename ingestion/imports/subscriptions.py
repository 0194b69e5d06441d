"""The subscriptions import: the only source of MRR."""

import hashlib
import json
from decimal import Decimal

from ingestion.imports.amounts import AMOUNT_LIMIT, is_ambiguous, parse_amount
from ingestion.imports.kinds import (
    ORGANIZATION_NAMES,
    ImportContext,
    ImportKind,
    Key,
    ParsedRow,
    Values,
)
from ingestion.imports.values import CellError, parse_date, parse_end_date

REQUIRED = ("external_org_id", "product_code", "mrr", "currency", "start_at")
OPTIONAL = ("end_at", "status", "source_system", "source_subscription_id")
STATUSES = {
    "": "active",
    "active": "active",
    "canceled": "canceled",
    "cancelled": "canceled",
    "paused": "paused",
    "past_due": "active",
    "void": "void",
}
# The name is in the `fields` of refused rows that warehouses hold.
_FILE_MARK = "told_decimal_mark"


def subscription_id(company_id: str, key: Key) -> str:
    """The id of a subscription for good: a hash of its key."""
    return hashlib.md5(json.dumps([company_id, *key]).encode(), usedforsecurity=False).hexdigest()


def _read(parsed: ParsedRow, context: ImportContext) -> None:
    cells, date_order = parsed.row.cells, context.company.date_order
    parsed.check_organization(context, "Import it first in the customer organizations import")
    currency = _currency(parsed, context) if cells["currency"] else None
    values: Values = {
        "external_org_id": cells["external_org_id"],
        "product_code": cells["product_code"],
        "mrr": _mrr(parsed, currency, context) if cells["mrr"] else None,
        "currency": currency,
        "start_at": None,
        "source_subscription_id": cells.get("source_subscription_id") or None,
    }
    if cells["start_at"]:
        values["start_at"] = parsed.parse("start_at", lambda text: parse_date(text, date_order))
    if "end_at" in cells:
        values["end_at"] = parsed.parse("end_at", lambda text: parse_end_date(text, date_order))
    if "status" in cells:
        values["status"] = parsed.parse("status", _status)
    if "source_system" in cells:
        values["source_system"] = cells["source_system"] or None
    parsed.values = values
    parsed.key = _stored_key(values) if _has_key(values) else None
    _check_end(parsed, values)


def _has_key(values: Values) -> bool:
    first_day_key = values["product_code"] and values["start_at"]
    return bool(values["external_org_id"] and (values["source_subscription_id"] or first_day_key))


def _stored_key(values: Values) -> Key:
    """The sender's id within its system where there is one, else product and first day."""
    org_id = values["external_org_id"]
    if sent_id := values["source_subscription_id"]:
        return (org_id, "id", values.get("source_system") or "", sent_id)
    return (org_id, "start", values["product_code"], values["start_at"].isoformat())


def _currency(parsed: ParsedRow, context: ImportContext) -> str | None:
    code = parsed.row.cells["currency"].upper()
    if not context.registry.is_currency(code):
        parsed.reject("currency", "currency_invalid", "not an ISO 4217 code such as EUR")
        return None
    if not context.registry.is_convertible(code, context.company):
        message = f"no rate for {code}; add one to seeds/exchange_rates.csv"
        parsed.reject("currency", "no_exchange_rate", message)
    return code


def _mrr(parsed: ParsedRow, currency: str | None, context: ImportContext) -> Decimal | None:
    # A refused row that is tried again brings along what its file said.
    file_mark = parsed.row.cells.get(_FILE_MARK, context.file_decimal_mark or "")
    if is_ambiguous(parsed.row.cells["mrr"]):
        parsed.from_file[_FILE_MARK] = file_mark
    decimal_mark = file_mark or context.company.decimal_mark
    amount = parsed.parse("mrr", lambda text: parse_amount(text, decimal_mark))
    if amount is None:
        return None
    if amount.currency and not context.registry.is_currency(amount.currency):
        message = f"{amount.currency} is no currency; write it as 1299.00"
        parsed.reject("mrr", "mrr_invalid", message)
    elif currency and amount.currency and amount.currency != currency:
        message = f"says {amount.currency}, but the column currency says {currency}"
        parsed.reject("mrr", "currency_mismatch", message)
    elif currency and _is_too_large(amount.value, currency, context):
        reporting = context.company.reporting_currency
        message = f"10^12 {reporting} or more at one of the rates; is the amount right?"
        parsed.reject("mrr", "mrr_invalid", message)
    return amount.value


def _is_too_large(value: Decimal, currency: str, context: ImportContext) -> bool:
    """Whether a build could not hold the amount in the company's reporting currency."""
    if not context.registry.is_convertible(currency, context.company):
        return False
    reporting = context.company.reporting_currency
    factor = context.registry.rates.largest_factor(currency, reporting)
    return value * factor.numerator >= AMOUNT_LIMIT * factor.denominator


def _status(text: str) -> str:
    if text.lower() not in STATUSES:
        raise CellError(
            "status_invalid",
            "not one of active, past_due, canceled, paused, void; "
            "a trial is active, with an amount of 0 until it pays",
        )
    return STATUSES[text.lower()]


def _check_end(parsed: ParsedRow, values: Values) -> None:
    start_at, end_at = values.get("start_at"), values.get("end_at")
    if start_at and end_at and end_at < start_at:
        parsed.reject("end_at", "end_before_start", f"before start_at {start_at}")


SUBSCRIPTIONS = ImportKind(
    name="subscriptions",
    version_table="subscription_versions",
    headers=ORGANIZATION_NAMES | {column: column for column in (*REQUIRED, *OPTIONAL)},
    required=REQUIRED,
    defaults={"end_at": None, "status": "active", "source_system": None},
    read=_read,
    stored_key=_stored_key,
    amount_column="mrr",
    check_stored=_check_end,
    merges_equal_rows=False,
)
