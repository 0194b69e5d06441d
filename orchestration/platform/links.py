"""Links from assets to their code: to files here, or to the repository's web pages."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from ingestion.settings import PROJECT_ROOT
from orchestration.platform.settings import OperationsSettings


def code_of(file: Path) -> Mapping[str, Any]:
    """Metadata of an asset that names the file where it is defined."""
    with _beta_accepted():
        reference = dg.LocalFileCodeReference(file_path=str(file), label=file.name)
        references = dg.CodeReferencesMetadataValue(code_references=[reference])
    return {"dagster/code_references": references}


def with_web_links(
    assets: Sequence[dg.AssetsDefinition], operations: OperationsSettings
) -> Sequence[dg.AssetsDefinition]:
    """The assets with links to the web in place of files, where the repository has an address."""
    if operations.source_url is None:
        return assets
    with _beta_accepted():
        linked = dg.link_code_references_to_git(
            assets,
            git_url=str(operations.source_url).rstrip("/"),
            git_branch=operations.source_branch,
            file_path_mapping=dg.AnchorBasedFilePathMapping(
                local_file_anchor=PROJECT_ROOT, file_anchor_path_in_repository=""
            ),
        )
    return [asset for asset in linked if isinstance(asset, dg.AssetsDefinition)]


@contextmanager
def _beta_accepted() -> Iterator[None]:
    """Dagster warns of every use: a screenful at each start of the UI."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        yield
