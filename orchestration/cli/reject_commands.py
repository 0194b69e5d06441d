"""The commands of the quarantine: what was rejected, and another try for it."""

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.options import Json, OnlyCompany

quarantine = typer.Typer(rich_markup_mode=None)


@quarantine.callback(invoke_without_command=True)
def rejects(
    context: typer.Context,
    company: OnlyCompany = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every rejected row: .csv, .jsonl or .parquet."),
    ] = None,
    as_json: Json = False,
) -> int:
    """What was quarantined, and why."""
    if context.invoked_subcommand is not None:
        if company or export or as_json:
            raise typer.BadParameter(f"options belong after {context.invoked_subcommand}")
        return 0
    from orchestration.cli import rejects as command

    return command.rejects(company, export=export, as_json=as_json)


@quarantine.command("replay")
def replay(
    company: OnlyCompany = None,
    path: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Only files of this path; * and ? stand for any text."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only what was refused for this reason.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Load; without it, preview.")] = False,
    as_json: Json = False,
) -> int:
    """Try rejected rows and files again, once what was wrong is mended.

    Rows are read again from their files (from the kept text where a file is gone), judged by
    today's rules and reference data, and loaded once. Exits with 3 where any stays rejected.
    """
    from orchestration.cli import replay as command

    return command.replay(company, path=path, reason=reason, apply=apply, as_json=as_json)


@app.command()
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


@app.command("dbt", context_settings={"ignore_unknown_options": True, "help_option_names": []})
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
