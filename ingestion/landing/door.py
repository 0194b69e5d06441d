"""The door: a file with too many rejects is refused whole, before any of its rows is committed.

What is usual is the source's past in ``raw.loaded_files``. A source's first file has none: whatever
is wrong with it is seen row by row. A replay does not go through the door: who asks for one has
seen the refusal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mode

from ingestion.errors import UnreadableFileError
from ingestion.raw.warehouse import LoadedData
from ingestion.thresholds import Thresholds

REASON = "too_many_rejects"
Source = tuple[str, str, str]
"""Company, application (empty for imports) and kind."""

_PAST = """
    select company_id, coalesce(app_id, ''), kind, sum(rows_rejected) / sum(rows_read)
    from {table} group by 1, 2, 3 having sum(rows_read) > 0"""


@dataclass(frozen=True)
class Door:
    """The usual share of rejects of each source, and the limits."""

    usual: Mapping[Source, float]
    limits: Thresholds

    @classmethod
    def of(cls, loaded: LoadedData, limits: Thresholds) -> "Door":
        """With what was loaded before."""
        rows = loaded.rows("loaded_files", _PAST)
        return cls({(company, app, kind): share for company, app, kind, share in rows}, limits)

    def judge(self, source: Source, rows: int, rejected: int, example: str) -> None:
        """Raise UnreadableFileError where so many rejected rows are too many of a file.

        ``example`` says what the most frequent reason is, and where.
        """
        usual = self.usual.get(source)
        if usual is None or not self.limits.is_sudden(source[-1], rows, rejected, usual):
            return
        raise UnreadableFileError(
            f"{rejected} of {rows} rows are rejected, most often {example}; usually it is"
            f" {usual:.1%}. Nothing of the file is loaded: correct it and drop it again, or take"
            f" its good rows with `saas-tracker rejects replay --reason {REASON} --apply`",
            REASON,
        )

    def judge_import(
        self, company_id: str, kind: str, rows: int, refused: Sequence[tuple[str, int]]
    ) -> None:
        """The same for an import file: ``refused`` has code and line of each refused row."""
        if refused:
            code = mode(code for code, _ in refused)
            example = f"{code} (line {dict(reversed(refused))[code]})"
            self.judge((company_id, "", kind), rows, len(refused), example)
