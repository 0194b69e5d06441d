"""Single stages of the pipeline as the orchestration calls them, each a program of its own."""

import os
import subprocess
from datetime import date
from pathlib import Path

import typer

app = typer.Typer(help="Programs that run one stage with the settings of the environment.")


@app.command()
def load() -> None:
    """Everything new in the landing zone into ``raw``."""
    from ingestion.loading.pipeline import load_landing
    from ingestion.settings import Settings

    load_landing(Settings())


@app.command()
def follow() -> None:
    """The lake follows ``raw`` of the warehouse."""
    from ingestion.settings import Settings
    from orchestration.transformation.engine import engine_of

    engine_of(Settings()).prepare()


@app.command()
def transform(as_of: str, full_refresh: bool = False, select: str = "") -> None:
    """``dbt build`` with contracts and tests, of everything or of what dbt selects."""
    from ingestion.settings import Settings
    from orchestration.platform.warehouse import reads_calls
    from orchestration.transformation import project
    from orchestration.transformation.arguments import GLOBAL_FLAGS, build_arguments
    from orchestration.transformation.seeds import copy_seeds

    settings, day = Settings(), date.fromisoformat(as_of)
    seeds = copy_seeds(settings)
    folder = project.build_folder(settings)
    arguments = [
        *GLOBAL_FLAGS,
        "--quiet",
        *build_arguments(full_refresh=full_refresh, calls=reads_calls(settings)),
        *(["--select", *select.split()] if select else []),
    ]
    environment = {
        **os.environ,
        **project.dbt_environment(settings, seeds, day),
        "DBT_TARGET_PATH": str(folder),
        "DBT_LOG_PATH": str(folder),
    }
    executable = str(project.dbt_executable())
    done = subprocess.run(
        [executable, *arguments], cwd=project.PROJECT_DIR, env=environment, check=False
    )
    raise typer.Exit(done.returncode)


@app.command()
def publish() -> None:
    """The read-only copies."""
    from ingestion.settings import Settings
    from orchestration.serving.publish import publish as publish_marts

    settings = Settings()
    settings.serving.parent.mkdir(parents=True, exist_ok=True)
    publish_marts(Path(settings.warehouse), Path(settings.serving))


if __name__ == "__main__":
    app()
