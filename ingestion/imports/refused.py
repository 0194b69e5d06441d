"""Rows of earlier import files that were refused and that no later try has accepted."""

import json
from dataclasses import dataclass

from ingestion.imports.kinds import UNKNOWN_ORGANIZATION, ImportKind
from ingestion.raw.warehouse import LoadedData

_REFUSED_ROWS = """
    select refused.row_id, refused.path, refused.line_number, refused.raw_text, refused.load_id,
        refused.fields, refused.reasons
    from {table} as refused
    left join {schema}.loaded_files as files using (path, load_id)
    where refused.company_id = {company_id} and refused.source = {kind}
        and refused.resolved_at is null
    order by refused.load_id, files.modified_at, refused.path, refused.line_number"""


@dataclass(frozen=True)
class RefusedRow:
    """A quarantined row that no later try has accepted."""

    row_id: str
    path: str
    line: int
    raw_text: str
    load_id: str
    cells: dict[str, str]
    reasons: str

    @property
    def waits_for_organization(self) -> bool:
        """Whether nothing is wrong with it but that its organization is not known yet."""
        return self.reasons == UNKNOWN_ORGANIZATION


def refused_rows(loaded: LoadedData, kind: ImportKind, company_id: str) -> list[RefusedRow]:
    """Refused rows of a company, in the order in which their files were applied."""
    found = loaded.rows("rejected_rows", _REFUSED_ROWS, company_id=company_id, kind=kind.name)
    return [
        RefusedRow(row_id, path, line, raw_text, load_id, json.loads(fields), reasons)
        for row_id, path, line, raw_text, load_id, fields, reasons in found
    ]
