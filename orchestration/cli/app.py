"""The commands and their options. What they do is in the modules beside this one."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.development_commands import demo, model, run_dbt
from orchestration.cli.options import Company, ImportKind, Json, OnlyCompany, signal_type
from orchestration.cli.reject_commands import quarantine
from orchestration.cli.signal_commands import health, signals, tracking

app = typer.Typer(
    name="saas-tracker",
    help="Product usage and recurring revenue per customer organization.",
    epilog="Settings are environment variables; .env.example lists them.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command()
def run(
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="The day (YYYY-MM-DD) that the marts describe; today if left out.",
        ),
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Rebuild everything after raw.")
    ] = False,
    full_scan: Annotated[
        bool,
        typer.Option(
            "--full-scan",
            help="Compare the content of every file in the landing zone with what was loaded,"
            " not its size and time alone.",
        ),
    ] = False,
    select: Annotated[
        str | None,
        typer.Option(
            metavar="ASSETS",
            help="Only these: names, folders or Dagster selections, separated by commas"
            " (organizations, marts/*, group:marts_revenue, +signals).",
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Load what is new, build, check and publish.

    A second run waits for the first. A company that a check holds back keeps its last good copies;
    the others are published, and the exit code is 1. So it is where a step fails: then all keep
    theirs, and the next run goes on where this one stopped.
    """
    from orchestration.cli import run as command

    day = as_of.date() if as_of else None
    return command.run(
        as_of=day,
        full_refresh=full_refresh,
        full_scan=full_scan,
        select=select,
        as_json=as_json,
    )


@app.command("import")
def import_file(
    kind: Annotated[ImportKind, typer.Argument(help="What the file holds.")],
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV file.")
    ],
    company: Company,
    apply: Annotated[bool, typer.Option("--apply", help="Write; without it, preview.")] = False,
    skip_errors: Annotated[
        bool, typer.Option("--skip-errors", help="Apply the good rows of a file with errors.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Preview a CSV import, or apply it: counts of rows, MRR before and after, errors, warnings.

    Of errors and warnings the first 20 of each kind are shown (docs/inputs.md says what they mean).
    Exits with 3 where rows have errors.
    """
    from orchestration.cli import imports

    return imports.import_file(
        kind.value, file, company, apply=apply, skip_errors=skip_errors, as_json=as_json
    )


@app.command()
def dismiss(
    company: Company,
    org: Annotated[str, typer.Option("--org", metavar="ID", help="The organization.")],
    signal: Annotated[
        str,
        typer.Option(
            "--signal",
            metavar="TYPE",
            callback=signal_type,
            help="The signal to dismiss (seeds/signal_types.csv lists them).",
        ),
    ],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept with it.")] = None,
    as_json: Json = False,
) -> int:
    """Dismiss the open episode of a signal."""
    from orchestration.cli import imports

    return imports.dismiss(company, org, signal, reason, as_json=as_json)


@app.command()
def revenue(
    company: Company,
    months: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many months (12, 24, 36).")
    ] = 12,
    cohorts: Annotated[
        bool, typer.Option("--cohorts", help="Also: organizations by the month they first paid in.")
    ] = False,
    restatements: Annotated[
        bool, typer.Option("--restatements", help="Instead: imports that changed closed months.")
    ] = False,
    month: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m"], metavar="YYYY-MM", help="With --restatements: only it."),
    ] = None,
    as_json: Json = False,
) -> int:
    """MRR now, its trend and retention, where it comes from and where it is at risk."""
    if restatements:
        from orchestration.cli import restatements as listing

        return listing.restatements(company, month=month.date() if month else None, as_json=as_json)
    if month:
        raise typer.BadParameter("--month goes with --restatements")
    from orchestration.cli import revenue as report

    return report.revenue(company, months=months, cohorts=cohorts, as_json=as_json)


@app.command()
def organizations(
    company: Company,
    show_all: Annotated[
        bool, typer.Option("--all", help="Also without an event in the last 30 days.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Customer organizations with usage, health and MRR."""
    from orchestration.cli import reports

    return reports.organizations(company, show_all=show_all, as_json=as_json)


@app.command()
def report(
    company: OnlyCompany = None,
    open_pages: Annotated[bool, typer.Option("--open", help="Open them in the browser.")] = False,
    as_json: Json = False,
) -> int:
    """Write the pages of the companies from their published copies, and say where they are."""
    from orchestration.cli import report as command

    return command.report(company, open_pages=open_pages, as_json=as_json)


@app.command()
def withdraw(
    what: Annotated[
        str,
        typer.Argument(
            metavar="PATH|LOAD",
            help="A file, by its path in the landing zone, or a load by its id.",
        ),
    ],
    company: OnlyCompany = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write; without it, preview.")] = False,
    as_json: Json = False,
) -> int:
    """Take what a file or a load brought out of raw, as if it had never come.

    Events and rows that later files sent, too, come back from those files. What was withdrawn is
    not loaded again by itself: only with another content, or under another path.
    """
    from orchestration.cli import withdraw as command

    return command.withdraw(what, company, apply=apply, as_json=as_json)


@app.command()
def doctor(as_json: Json = False) -> int:
    """Check configuration, registry, warehouse and lock, and say what to correct."""
    from orchestration.cli import doctor as command

    return command.doctor(as_json=as_json)


# In the order of the help: what is defined elsewhere comes last.
app.add_typer(signals, name="signals")
app.command()(health)
app.command()(tracking)
app.add_typer(quarantine, name="rejects")
app.command()(model)
app.command("dbt", context_settings={"ignore_unknown_options": True, "help_option_names": []})(
    run_dbt
)
app.add_typer(demo, name="demo")
