"""The pages as an asset: after the copies that they are made from."""

import dagster as dg

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.platform.links import code_of
from orchestration.platform.policy import POOL
from orchestration.platform.progress import Reporter
from orchestration.serving.assets import PUBLISHED

REPORT = dg.AssetKey(["serving", "report"])


def report_asset(settings: Settings, reporter: Reporter) -> dg.AssetsDefinition:
    """Writes the pages of the companies whose copies changed."""

    @dg.asset(
        key=REPORT,
        deps=[PUBLISHED],
        group_name="serving",
        kinds={"html"},
        description=(
            "One page per company, `report/<company_id>/index.html`, made from its own published"
            " copy alone: revenue, signals, organizations, usage, health, data quality, tracking."
            " It opens from disk."
        ),
        metadata={
            "folder": dg.MetadataValue.path(str(settings.serving / "report")),
            **code_of(PROJECT_ROOT / "orchestration" / "serving" / "report" / "write.py"),
        },
        pool=POOL,
    )
    def write_pages() -> dg.MaterializeResult:
        from orchestration.serving.report.write import write_all

        reporter.stage("Write the pages")
        summary = write_all(settings.serving, settings.serving_group)
        return dg.MaterializeResult(metadata=summary.to_dict())

    return write_pages
