"""Links from assets to their code: to files here, or to the repository's web pages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from ingestion.settings import PROJECT_ROOT
from orchestration.settings import OperationsSettings


def code_of(file: Path) -> Mapping[str, Any]:
    """Metadata that names the file of a model or of reference data."""
    reference = dg.LocalFileCodeReference(file_path=str(file), label=file.name)
    return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[reference])}


def with_links(
    assets: Sequence[dg.AssetsDefinition], operations: OperationsSettings
) -> Sequence[dg.AssetsDefinition]:
    """The assets with links to their code, on the web where ``SAAS_TRACKER_SOURCE_URL`` is set."""
    linked = dg.with_source_code_references(assets)
    if operations.source_url is None:
        return linked
    return dg.link_code_references_to_git(
        linked,
        git_url=str(operations.source_url).rstrip("/"),
        git_branch=operations.source_branch,
        file_path_mapping=dg.AnchorBasedFilePathMapping(
            local_file_anchor=PROJECT_ROOT, file_anchor_path_in_repository=""
        ),
    )
