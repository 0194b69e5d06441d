"""What an import leaves in schema ``raw``: versions, history, warnings, quarantine, figures."""

import hashlib
import json
from dataclasses import asdict

from ingestion.imports.applying import ImportOutcome
from ingestion.imports.kinds import ImportKind
from ingestion.imports.subscriptions import SUBSCRIPTIONS, subscription_id
from ingestion.landing.manifest import NewFile
from ingestion.raw.tables import RAW_TABLES_BY_NAME
from ingestion.raw.writer import RawWriter
from ingestion.reading.text import beginning


def write_versions(
    writer: RawWriter, kind: ImportKind, company_id: str, path: str, outcome: ImportOutcome
) -> None:
    """The new states of rows."""
    columns = RAW_TABLES_BY_NAME[kind.version_table].columns
    for version in outcome.versions:
        row = {name: version[name] for name in columns if name in version}
        row |= {"company_id": company_id, "valid_from": writer.now, "source_path": path}
        if kind is SUBSCRIPTIONS:
            row["subscription_id"] = subscription_id(company_id, kind.stored_key(version))
        writer.add(kind.version_table, **row)


def write_history(
    writer: RawWriter,
    kind: ImportKind,
    company_id: str,
    path: str,
    checksum: str | None,
    outcome: ImportOutcome,
) -> None:
    """What became of the rows of a file, in numbers."""
    writer.add(
        "import_history",
        company_id=company_id,
        kind=kind.name,
        path=path,
        checksum=checksum,
        rows_new=outcome.new,
        rows_updated=outcome.updated,
        rows_unchanged=outcome.unchanged,
        rows_error=outcome.error,
        applied_at=writer.now,
    )


def write_warnings(
    writer: RawWriter, kind: ImportKind, company_id: str, path: str, outcome: ImportOutcome
) -> None:
    """What may be meant otherwise."""
    for warning in outcome.warnings:
        writer.add(
            "import_warnings",
            company_id=company_id,
            kind=kind.name,
            path=path,
            applied_at=writer.now,
            **asdict(warning),
        )


def write_refused(
    writer: RawWriter, kind: ImportKind, new: NewFile, outcome: ImportOutcome
) -> None:
    """The refused rows, with what another try needs."""
    for parsed in outcome.refused:
        identity = f"{writer.load_id}/{new.file.path}/{parsed.row.line}"
        writer.add(
            "rejected_rows",
            row_id=hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest(),
            company_id=new.route.company_id,
            source=kind.name,
            path=new.file.path,
            line_number=parsed.row.line,
            reasons=",".join(sorted({error.code for error in parsed.errors})),
            raw_text=beginning(parsed.row.raw_text),
            fields=json.dumps(parsed.row.cells | parsed.from_file, ensure_ascii=False),
            rejected_at=writer.now,
        )


def write_figures(writer: RawWriter, new: NewFile, rows_read: int, outcome: ImportOutcome) -> None:
    """The load of the file."""
    writer.add(
        "loaded_files",
        company_id=new.route.company_id,
        kind=new.route.kind,
        path=new.file.path,
        checksum=new.checksum,
        bytes=new.file.size,
        modified_at=new.file.modified_at,
        rows_read=rows_read,
        rows_accepted=len(outcome.accepted),
        rows_rejected=outcome.error,
        rows_duplicate=outcome.duplicates,
        loaded_at=writer.now,
    )
