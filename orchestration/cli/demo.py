"""The demo: a generated data set, and its whole way through the warehouse."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.cli import run as run_command
from orchestration.cli.context import load_settings
from orchestration.cli.marts import open_marts, rows
from orchestration.cli.output import print_json, print_line, print_table
from orchestration.serving.report.write import report_path

# Hidden by its name: not an input. It holds the day up to which the demo was generated.
_MARKER = ".demo.json"
_ON_SPARK = {"organizations": 12, "days": 75, "events": 3000}


def generate(
    landing: Path,
    *,
    organizations: int | None,
    days: int | None,
    events: int | None,
    seed: int,
    as_json: bool,
) -> int:
    """Generate a data set in a folder, with a progress bar on a terminal."""
    summary = _generate(
        landing,
        load_settings().as_of_date(),
        organizations=organizations,
        days=days,
        events=events,
        seed=seed,
    )
    if as_json:
        print_json(summary)
    else:
        print_line(
            f"{summary['events']:,} events, {summary['organizations']:,} organizations and"
            f" {summary['subscriptions']:,} subscriptions in {summary['files']:,} files"
            f" under {landing}"
        )
    return 0


def run() -> int:
    """Generate the demo once, run, and print the headline numbers and where to look next."""
    settings = load_settings()
    as_of = _ensure_generated(settings)
    code = run_command.run(
        as_of=as_of, full_refresh=False, full_scan=False, select=None, as_json=False
    )
    if code == 0:
        print_line()
        _print_headlines(settings)
        _print_next_steps(settings)
    return code


def _ensure_generated(settings: Settings) -> date:
    """The demo's day. A demo from another day keeps it: its data ends there."""
    if "://" in settings.landing:
        raise UserError("the demo needs a folder as landing zone: unset SAAS_TRACKER_LANDING")
    landing = Path(settings.landing)
    marker = landing / _MARKER
    if marker.exists():
        as_of = date.fromisoformat(json.loads(marker.read_text())["as_of"])
        print_line(f"The demo data of {as_of} is in {landing}")
        return as_of
    as_of = settings.as_of_date()
    # A small cluster takes seconds for what DuckDB does in milliseconds.
    sizes = _ON_SPARK if settings.target == "spark" else {}
    summary = _generate(landing, as_of, **sizes)
    marker.write_text(json.dumps({"as_of": as_of.isoformat()}))
    print_line(f"Generated {summary['events']:,} events in {landing}")
    return as_of


def _generate(landing: Path, as_of: date, **sizes: Any) -> dict[str, Any]:
    from rich.console import Console
    from rich.progress import Progress

    from ingestion import demo

    terminal = Console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as progress:
        task = progress.add_task("Generating", total=None)

        def advance(done: int, total: int, _file: str) -> None:
            progress.update(task, completed=done, total=total)

        try:
            summary = demo.generate(landing, as_of=as_of, progress=advance, **sizes)
        except demo.DemoError as error:
            raise UserError(str(error)) from error
    return summary.to_dict()


def _print_headlines(settings: Settings) -> None:
    with open_marts(settings) as connection:
        found = rows(
            connection,
            """
            select
                companies.company_id, companies.reporting_currency,
                count(*) filter (where organizations.activity_state = 'active') as active,
                kpis.mrr, kpis.paying_orgs, kpis.revenue_at_risk,
                coalesce(max(signals.organizations), 0) as with_signals
            from marts.companies
            inner join marts.revenue_kpis as kpis using (company_id)
            left join marts.organizations using (company_id)
            left join (
                select company_id, count(*) as organizations
                from marts.signals_by_organization group by company_id
            ) as signals using (company_id)
            group by all
            order by companies.company_id
            """,
        )
    columns = ["Active organizations", "Paying", "MRR", "Currency", "At risk", "With signals"]
    print_table(
        "Headline numbers",
        ["Company", *columns],
        [
            (
                row["company_id"],
                row["active"],
                row["paying_orgs"],
                row["mrr"],
                row["reporting_currency"],
                row["revenue_at_risk"],
                row["with_signals"],
            )
            for row in found
        ],
        numbers=columns,
    )


def _print_next_steps(settings: Settings) -> None:
    for text in (
        "Where to look next:",
        "  .venv/bin/saas-tracker signals --company acme    customers that need attention",
        "  .venv/bin/saas-tracker revenue --company acme    MRR, trend, risk",
        "  .venv/bin/saas-tracker tracking --company globex calls: accounts, plan, cost",
        "  .venv/bin/saas-tracker rejects                   what was quarantined, and why",
        "  make dev                                         the asset graph and its checks",
        f"  {settings.serving}/all.duckdb    the marts, for a BI tool",
        f"  {report_path(settings.serving, 'acme')}    the pages of a company: open it",
        "Your own data: register the company in seeds/companies.csv and seeds/applications.csv,",
        f"drop its files under {settings.landing}/<company_id>/, then: .venv/bin/saas-tracker run",
    ):
        print_line(text)
