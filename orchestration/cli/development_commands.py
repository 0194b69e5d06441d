"""The commands of people who edit models or try the product, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.options import Json

demo = typer.Typer(help="A generated data set.", rich_markup_mode=None)


def model(
    name: Annotated[str, typer.Argument(help="The model, by the name of its file.")],
    limit: Annotated[int, typer.Option("--rows", min=0, help="How many rows to show.")] = 10,
    as_json: Json = False,
) -> int:
    """Build one model and its tests beside the warehouse, and show its first rows.

    It is written to dev.duckdb; what it reads comes from the warehouse. BI sees nothing of it.
    """
    from orchestration.cli import model as command

    return command.model(name, limit=limit, as_json=as_json)


def run_dbt(
    arguments: Annotated[
        list[str], typer.Argument(metavar="ARGUMENTS", help="As for dbt: build --select mrr_trend.")
    ],
) -> int:
    """Run dbt with this project's settings, from any folder, in the target dev.

    What is selected is written to dev.duckdb beside the warehouse; the rest is read from the
    warehouse, as of its day. For the pipeline's own target: --target duckdb.
    """
    from orchestration.cli.context import load_settings
    from orchestration.transformation.development import run_dbt

    return run_dbt(load_settings(), arguments)


@demo.command("generate")
def demo_generate(
    landing: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write to.")],
    organizations: Annotated[int | None, typer.Option(min=1, help="How many customers.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="How many days of events.")] = None,
    events: Annotated[int | None, typer.Option(min=0, help="How many events.")] = None,
    seed: Annotated[int, typer.Option(help="The same for the same data.")] = 1,
    as_json: Json = False,
) -> int:
    """Generate a data set of any size."""
    from orchestration.cli import demo as command

    return command.generate(
        landing,
        organizations=organizations,
        days=days,
        events=events,
        seed=seed,
        as_json=as_json,
    )


@demo.command("run")
def demo_run() -> int:
    """Generate a small data set in the landing zone, build, and show where to look."""
    from orchestration.cli import demo as command

    return command.run()
