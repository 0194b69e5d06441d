"""The landing zone's listing in short: whether anything in it is new, and what is no input."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath

from ingestion.landing.layout import Route, route
from ingestion.landing.storage import LandingZone
from ingestion.settings import Settings


@dataclass(frozen=True)
class Overview:
    """What lies in the landing zone: inputs by path, and everything else.

    ``others`` are files that are no input by folder or ending; ``hidden`` counts names that are
    ignored, folders as one; ``outside`` are links and where they lead; ``unlistable`` has the
    reasons of what cannot be looked at.
    """

    inputs: dict[str, Route]
    others: list[str]
    hidden: int
    outside: dict[str, str]
    loops: list[str]
    unlistable: dict[str, str]

    @property
    def others_by_ending(self) -> dict[str, int]:
        """How many of the others have which ending, the most frequent first."""
        endings = (PurePosixPath(path).suffix.lower() or "no ending" for path in self.others)
        return dict(Counter(endings).most_common())


def overview(settings: Settings) -> Overview:
    """A look at the names in the landing zone; nothing is read."""
    listing = LandingZone(settings.landing).listing()
    routes = {file.path: route(file.path) for file in listing.files}
    return Overview(
        {path: found for path, found in routes.items() if found},
        [path for path, found in routes.items() if not found],
        listing.hidden,
        dict(listing.outside),
        listing.loops,
        {file.path: reason for file, reason in listing.unlistable},
    )


def landing_digest(settings: Settings) -> str | None:
    """A digest of names, sizes and times of the landing zone's files; None where it is empty."""
    listing = LandingZone(settings.landing).listing()
    if not listing.files and not listing.unlistable:
        return None
    digest = hashlib.sha256()
    for file in listing.files:
        digest.update(f"{file.path}\0{file.size}\0{file.modified_at.isoformat()}\n".encode())
    for file, reason in listing.unlistable:
        digest.update(f"{file.path}\0{reason}\n".encode())
    return digest.hexdigest()[:32]
