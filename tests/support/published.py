"""What readers find in a serving folder."""

from pathlib import Path


def published_files(serving: Path) -> dict[str, Path]:
    """The visible files by their path; a company's Parquet folder is a link, which is followed."""
    found = [
        path
        for pattern in ("*", "parquet/*/*")
        for path in sorted(serving.glob(pattern))
        if path.is_file() and not path.name.startswith(".")
    ]
    return {path.relative_to(serving).as_posix(): path for path in found}
