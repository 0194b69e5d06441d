"""The customer organizations import."""

from ingestion.imports.kinds import (
    ORGANIZATION_NAMES,
    ImportContext,
    ImportKind,
    Key,
    ParsedRow,
    Values,
)


def _read(parsed: ParsedRow, _context: ImportContext) -> None:
    cells = parsed.row.cells
    parsed.values = {
        "external_org_id": cells["external_org_id"],
        "display_name": cells["display_name"],
    }
    parsed.key = _stored_key(parsed.values) if cells["external_org_id"] else None


def _stored_key(values: Values) -> Key:
    return (values["external_org_id"],)


ORGANIZATIONS = ImportKind(
    name="organizations",
    version_table="organization_versions",
    headers=ORGANIZATION_NAMES
    | dict.fromkeys(("display_name", "name", "org_name"), "display_name"),
    required=("external_org_id", "display_name"),
    defaults={},
    read=_read,
    stored_key=_stored_key,
)
