"""Preview and apply of a replay."""

from dataclasses import replace

from ingestion.raw.tables import RAW_TABLES
from ingestion.replay.batch import PREVIEW, ReplayBatch
from ingestion.replay.report import ReplayReport
from ingestion.replay.selection import Selection
from ingestion.reporting import Reporter
from ingestion.settings import Settings


def preview(
    settings: Settings, selection: Selection, reporter: Reporter | None = None
) -> ReplayReport:
    """What a replay would do. Changes nothing."""
    batch = ReplayBatch(settings, selection, reporter)
    batch.queries(RAW_TABLES[0].name, PREVIEW)
    return batch.report


def apply(
    settings: Settings, selection: Selection, reporter: Reporter | None = None
) -> ReplayReport:
    """Load what is good by now, and note when it was resolved.

    What is still refused stays in quarantine as it is. Doing it again changes nothing more.
    """
    report = preview(settings, selection)
    if not report.changes_anything:
        return report
    # dlt takes seconds to import, and a preview does not need it.
    from ingestion.loading.pipeline import run_source, source_of

    batch = ReplayBatch(settings, selection, reporter)
    run_source(settings, source_of(batch))
    return replace(batch.report, applied=True)
