"""The reference data as dbt reads it: a complete copy of the seeds, beside the warehouse."""

import os
from pathlib import Path

from ingestion.reference import DEFAULT_SEEDS, seed_file, seed_text
from ingestion.settings import Settings


def copy_seeds(settings: Settings) -> Path:
    """Bring the copy up to date and return its folder.

    A copy because dbt writes its run artefacts over seeds that have an absolute path. Raises
    UserError where the registry is missing.
    """
    folder = settings.state_dir / "seeds"
    names = sorted(default.name for default in DEFAULT_SEEDS.iterdir())
    texts = {name: seed_text(settings, name) for name in names}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        copy = folder / name
        if not copy.is_file() or copy.read_text("utf-8") != text:
            copy.write_text(text, "utf-8")
        # dbt parses again what has a new modification time.
        stat = seed_file(settings, name).stat()
        os.utime(copy, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return folder
