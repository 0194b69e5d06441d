"""The signal dismissals import."""

from ingestion.imports.kinds import (
    ORGANIZATION_NAMES,
    ImportContext,
    ImportKind,
    Key,
    ParsedRow,
    Values,
)
from ingestion.imports.values import parse_date

REQUIRED = ("external_org_id", "signal_type", "dismissed_at")
OPTIONAL = ("reason", "dismissed_by")


def _read(parsed: ParsedRow, context: ImportContext) -> None:
    cells = parsed.row.cells
    parsed.check_organization(context, "neither imported nor seen in events; is the id right?")
    signal_type = cells["signal_type"]
    if signal_type and signal_type not in context.registry.signal_types:
        known = ", ".join(sorted(context.registry.signal_types))
        parsed.reject("signal_type", "signal_type_invalid", f"not one of {known}")
    values: Values = {
        "external_org_id": cells["external_org_id"],
        "signal_type": signal_type,
        "dismissed_at": None,
    }
    if cells["dismissed_at"]:
        date_order = context.company.date_order
        values["dismissed_at"] = parsed.parse(
            "dismissed_at", lambda text: parse_date(text, date_order)
        )
    values |= {column: cells[column] or None for column in OPTIONAL if column in cells}
    parsed.values = values
    parsed.key = _stored_key(values) if all(values[column] for column in REQUIRED) else None


def _stored_key(values: Values) -> Key:
    return (values["external_org_id"], values["signal_type"], values["dismissed_at"].isoformat())


DISMISSALS = ImportKind(
    name="dismissals",
    version_table="dismissal_versions",
    headers=ORGANIZATION_NAMES | {column: column for column in (*REQUIRED, *OPTIONAL)},
    required=REQUIRED,
    defaults=dict.fromkeys(OPTIONAL),
    read=_read,
    stored_key=_stored_key,
)
