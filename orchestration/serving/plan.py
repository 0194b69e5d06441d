"""What there is to be after a publish: every file, and what is noted of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from orchestration.serving.copies import Copy
from orchestration.serving.fingerprints import Fingerprints
from orchestration.serving.manifest import PublishedFile, State
from orchestration.serving.marts import Mart
from orchestration.serving.parquet import ParquetFile
from orchestration.serving.targets import duckdb_targets, parquet_target


def planned_copies(
    marts: list[Mart],
    company_ids: list[str],
    held_back: Sequence[str],
    state: State,
    fingerprints: Fingerprints,
) -> list[Copy | ParquetFile]:
    """Every file that there is to be, that of all companies first."""
    shared = [mart for mart in marts if mart.is_in_company_copies]
    copies: list[Copy | ParquetFile] = [
        Copy(path, company_id, shared if company_id else marts, state, fingerprints)
        for path, company_id in duckdb_targets(company_ids).items()
    ]
    if set(state.companies) - {*company_ids, *held_back}:
        # Deleted rows stay in a file unseen. Rows of a company that left must not.
        copies[0] = replace(copies[0], state=State())
    files = [
        ParquetFile(parquet_target(company_id, mart), company_id, mart, state, fingerprints)
        for company_id in company_ids
        for mart in shared
    ]
    return copies + files


def planned_state(
    marts: list[Mart],
    company_ids: list[str],
    copies: list[Copy | ParquetFile],
    files: Mapping[str, PublishedFile],
) -> State:
    """A complete publish of these copies."""
    return State(
        files={copy.path: files[copy.path] for copy in copies},
        layouts={mart.name: mart.layout for mart in marts},
        words={mart.name: mart.words for mart in marts},
        companies=tuple(company_ids),
    )
