"""The published copies: last in the graph, after every mart and every check."""

from collections.abc import Sequence

import dagster as dg

from ingestion.errors import UserError
from ingestion.reference import load_registry
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.landing.checks import is_validated
from orchestration.platform.links import code_of
from orchestration.platform.lock import writer_lock
from orchestration.platform.policy import POOL
from orchestration.platform.progress import Reporter
from orchestration.platform.retries import retried
from orchestration.state.build_stages import finish_publication, is_publishable
from orchestration.state.held_back import held_back
from orchestration.state.run_memory import RunMemory

PUBLISHED = dg.AssetKey(["serving", "published"])


def publication_asset(
    settings: Settings, marts: Sequence[dg.AssetKey], reporter: Reporter
) -> dg.AssetsDefinition:
    """Publishes the marts of every company that no check holds back.

    The others keep their last good copies, and ``every_company_is_published`` names them.
    """

    @dg.asset(
        key=PUBLISHED,
        deps=list(marts),
        group_name="serving",
        kinds={"duckdb", "parquet"},
        description=(
            "Marts only, read-only: `all.duckdb`, one `<company_id>.duckdb` per company with its"
            " rows alone, and Parquet. Each file is replaced in one step."
        ),
        metadata={
            "folder": dg.MetadataValue.path(str(settings.serving)),
            **code_of(PROJECT_ROOT / "orchestration" / "serving" / "publish.py"),
        },
        pool=POOL,
    )
    def publish_serving(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        from orchestration.serving.publish import publish

        with (
            retried(context),
            writer_lock(settings.warehouse, f"run {context.run.run_id}", context.log.info),
        ):
            memory = RunMemory(settings)
            if not (is_publishable(memory) and is_validated(settings)):
                raise UserError(
                    "the marts are not from one whole build that passed its checks:"
                    " run without a selection"
                )
            reporter.stage("Publish")
            causes = held_back(memory, load_registry(settings).companies)
            summary = publish(
                settings.warehouse,
                settings.serving,
                held_back=causes,
                group=settings.serving_group,
                progress=lambda _done, _total, file: reporter.advance(file),
            )
            finish_publication(settings, memory, is_of_all=not causes)
        return dg.MaterializeResult(metadata=summary.to_dict())

    return publish_serving
