"""``make data-docs``: opens the pages of the quality gates, and says where they are."""

import webbrowser

from ingestion.settings import Settings
from orchestration.quality.suites import data_docs


def open_docs(settings: Settings) -> str:
    """Open the site in a browser where there is one; return what to tell the person."""
    index = data_docs(settings) / "index.html"
    if not index.exists():
        return f"there are no results yet at {index}: run `saas-tracker run` first"
    webbrowser.open(index.as_uri())
    return str(index)


if __name__ == "__main__":
    print(open_docs(Settings()))  # noqa: T201
