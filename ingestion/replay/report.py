"""What a replay does, or did."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class ReplayedFile:
    """The quarantined rows of one file, or a file that was refused as a whole.

    ``rows`` = ``accepted`` + ``duplicate`` + ``refused`` + ``gone``: rows that are loaded now or
    change nothing, that are there already, that still break a rule, that cannot be read any more.
    """

    company_id: str
    source: str
    path: str
    is_whole_file: bool = False
    rows: int = 0
    accepted: int = 0
    duplicate: int = 0
    refused: int = 0
    gone: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Why rows are still refused, or the file is."""

    @property
    def is_loaded(self) -> bool:
        """Whether anything of it is taken out of the quarantine."""
        return bool(self.accepted or self.duplicate) or (self.is_whole_file and not self.reasons)


@dataclass
class ReplayReport:
    """Every file that the replay looked at. ``applied`` is False for a preview."""

    files: list[ReplayedFile] = field(default_factory=list)
    applied: bool = False

    def count(self, figure: str) -> int:
        """The sum of a figure over all files."""
        return sum(getattr(file, figure) for file in self.files)

    @property
    def changes_anything(self) -> bool:
        """Whether there is anything to load or to resolve."""
        return any(file.is_loaded for file in self.files)

    @property
    def leaves_anything(self) -> bool:
        """Whether anything that was meant stays in quarantine."""
        return any(file.refused or file.gone or file.reasons for file in self.files)
