"""The commands and their options. What they do is in the modules beside this one."""

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from orchestration.cli.output import error_line, fail

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="saas-tracker",
    help="Product usage and recurring revenue per customer organization.",
    epilog="Settings are environment variables; .env.example lists them.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
demo = typer.Typer(help="A generated data set.", rich_markup_mode=None)
app.add_typer(demo, name="demo")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Company = Annotated[str, typer.Option("--company", metavar="ID", help="The company.")]


class ImportKind(StrEnum):
    """What an import file holds."""

    organizations = "organizations"
    subscriptions = "subscriptions"
    dismissals = "dismissals"


class SignalType(StrEnum):
    """The signals that an organization can have."""

    revenue_at_risk = "revenue_at_risk"
    usage_drop = "usage_drop"
    inactive_paying = "inactive_paying"
    expansion_candidate = "expansion_candidate"


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

    A second run waits for the first. Where a check or a step fails, nothing is published, the last
    good copies stay, and the exit code is 1. The next run goes on where this one stopped.
    """
    from orchestration.cli import run as command

    day = as_of.date() if as_of else None
    return command.run(as_of=day, full_refresh=full_refresh, select=select, as_json=as_json)


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
    """Preview a CSV import, or apply it. Exits with 3 where rows have errors."""
    from orchestration.cli import imports

    return imports.import_file(
        kind.value, file, company, apply=apply, skip_errors=skip_errors, as_json=as_json
    )


@app.command()
def dismiss(
    company: Company,
    org: Annotated[str, typer.Option("--org", metavar="ID", help="The organization.")],
    signal: Annotated[SignalType, typer.Option("--signal", help="The signal to dismiss.")],
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept with it.")] = None,
    as_json: Json = False,
) -> int:
    """Dismiss the open episode of a signal."""
    from orchestration.cli import imports

    return imports.dismiss(company, org, signal.value, reason, as_json=as_json)


@app.command()
def signals(company: Company, as_json: Json = False) -> int:
    """Organizations that need attention, the most urgent first."""
    from orchestration.cli import reports

    return reports.signals(company, as_json=as_json)


@app.command()
def revenue(company: Company, as_json: Json = False) -> int:
    """MRR now, its trend, where it comes from and where it is at risk."""
    from orchestration.cli import reports

    return reports.revenue(company, as_json=as_json)


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
def rejects(
    company: Annotated[
        str | None, typer.Option("--company", metavar="ID", help="Only this company.")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write every rejected row: .csv, .jsonl or .parquet."),
    ] = None,
    as_json: Json = False,
) -> int:
    """What was quarantined, and why."""
    from orchestration.cli import rejects as command

    return command.rejects(company, export=export, as_json=as_json)


@app.command()
def doctor(as_json: Json = False) -> int:
    """Check configuration, registry, warehouse and lock, and say what to mend."""
    from orchestration.cli import doctor as command

    return command.doctor(as_json=as_json)


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


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit with its code; errors are one line on stderr."""
    sys.exit(invoke(sys.argv[1:] if arguments is None else arguments))


def invoke(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    from ingestion.errors import UserError

    try:
        code = app(arguments or ["--help"], prog_name="saas-tracker", standalone_mode=False)
    except TyperException as error:
        hint = f" (saas-tracker {_command_path(arguments)}--help)" if error.exit_code == 2 else ""
        return fail(error_line(error.format_message()) + hint, error.exit_code)
    except UserError as error:
        return fail(error_line(str(error)), EXIT_FAILED)
    except (KeyboardInterrupt, typer.Abort):
        return fail("interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe (head) has had enough
        return 0
    return code if isinstance(code, int) else 0


def _command_path(arguments: list[str]) -> str:
    names = []
    for argument in arguments:
        if argument.startswith("-") or len(names) == (2 if names[:1] == ["demo"] else 1):
            break
        names.append(argument)
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    if not names or names[0] not in known | {"demo"}:
        return ""
    return " ".join(names) + " "
