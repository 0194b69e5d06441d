"""The landing zone's listing as one value, to tell whether anything in it is new."""

import hashlib

from ingestion.landing.storage import LandingZone
from ingestion.settings import Settings


def landing_digest(settings: Settings) -> str | None:
    """A digest of names, sizes and times of the landing zone's files; None where it is empty."""
    files = LandingZone(settings.landing).list_files()
    if not files:
        return None
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.path}\0{file.size}\0{file.modified_at.isoformat()}\n".encode())
    return digest.hexdigest()[:32]
