"""The Dagster instance folder; ``python -m orchestration.platform.instance`` prepares it."""

import os
import shutil
from pathlib import Path

from dotenv import dotenv_values

from ingestion.settings import PROJECT_ROOT

_CONFIGURATION = "dagster.yaml"


def dagster_home() -> Path:
    """The absolute folder: ``DAGSTER_HOME`` (environment, then ``.env``), else ``.dagster``."""
    named = os.environ.get("DAGSTER_HOME") or dotenv_values(PROJECT_ROOT / ".env").get(
        "DAGSTER_HOME"
    )
    return PROJECT_ROOT / (named or ".dagster")


def prepare_dagster_home() -> Path:
    """Make the folder hold a ``dagster.yaml``: a link to the project's, unless it has its own."""
    home = dagster_home()
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / _CONFIGURATION
    if configuration.is_symlink() and not configuration.exists():
        configuration.unlink()  # the project was moved
    if not configuration.exists():
        try:
            configuration.symlink_to(PROJECT_ROOT / _CONFIGURATION)
        except FileExistsError:
            pass  # another process was faster
        except OSError:
            shutil.copy(PROJECT_ROOT / _CONFIGURATION, configuration)
    return home


if __name__ == "__main__":
    print(prepare_dagster_home())  # noqa: T201
