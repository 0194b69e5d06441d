"""The commands about signals and health, and their options."""

from datetime import date, timedelta
from typing import Annotated

import typer

from orchestration.cli.options import Company, Csv, Json

_UNITS = {"d": 1, "w": 7}

signals = typer.Typer(rich_markup_mode=None, invoke_without_command=True)


@signals.callback()
def current(
    context: typer.Context,
    company: Annotated[
        str | None, typer.Option("--company", metavar="ID", help="The company.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="What opened, was dismissed and closed since then: 7d, 2w or a day (2026-03-02).",
        ),
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> int | None:
    """Organizations that need attention, the most urgent first; or what has changed."""
    if context.invoked_subcommand:
        return None
    if company is None:
        context.fail("Missing option '--company'.")
    if as_json and as_csv:
        context.fail("--json and --csv exclude one another.")
    from orchestration.cli import signals as command

    if since is None:
        return command.current(company, as_json=as_json, as_csv=as_csv)
    return command.changes(company, _first_day(since), as_json=as_json, as_csv=as_csv)


@signals.command()
def backtest(
    company: Company,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="TYPE.PARAMETER=VALUE",
            help="Compare with another rule, such as usage_drop.max_ratio=0.6 (again for more);"
            " nothing is changed.",
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """What became of organizations after past signals, and what other rules would have seen."""
    from orchestration.cli import backtest as command

    values = [_change(text) for text in changes or ()]
    return command.backtest(company, dict(values), as_json=as_json)


def health(company: Company, as_json: Json = False) -> int:
    """How healthy customers are, who changed band and why, and what the score is worth."""
    from orchestration.cli import health as command

    return command.health(company, as_json=as_json)


def tracking(
    company: Company,
    app: Annotated[
        str | None, typer.Option("--app", metavar="ID", help="Only this application.")
    ] = None,
    issues: Annotated[
        int, typer.Option(min=0, metavar="N", help="How many issues of the tracking plan.")
    ] = 20,
    as_json: Json = False,
) -> int:
    """What applications send: accounts, tracking plan, trials, cost, and what to improve."""
    from orchestration.cli import tracking as command

    return command.tracking(company, app, issues=issues, as_json=as_json)


def _first_day(text: str) -> "int | date":
    """The number of days that end on the as-of date, or the first day."""
    if text[:-1].isdecimal() and text[-1] in _UNITS and int(text[:-1]) > 0:
        return min(int(text[:-1]) * _UNITS[text[-1]], timedelta.max.days)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither days (7d), weeks (2w) nor a day (2026-03-02).",
            param_hint="'--since'",
        ) from None


def _change(text: str) -> tuple[tuple[str, str], str]:
    name, equals, value = text.partition("=")
    signal_type, dot, parameter = name.partition(".")
    if not (equals and dot and signal_type and parameter and value):
        raise typer.BadParameter(
            f"{text!r} is not TYPE.PARAMETER=VALUE, such as usage_drop.max_ratio=0.6.",
            param_hint="'--set'",
        )
    return (signal_type, parameter), value
