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
    """Try rejected rows and files again, once what was wrong is corrected.

    Rows are read again from their files (from the kept text where a file is gone), judged by
    today's rules and reference data, and loaded once. Exits with 3 where any stays rejected.
    """
    from orchestration.cli import replay as command

    return command.replay(company, path=path, reason=reason, apply=apply, as_json=as_json)
