"""``saas-tracker report``: the pages of the companies, written again."""

import webbrowser
from pathlib import Path

from orchestration.cli.context import load_settings
from orchestration.cli.marts import company, open_marts, rows
from orchestration.cli.output import print_json, print_line
from orchestration.serving.report.write import report_path, write_reports


def report(company_id: str | None, *, open_pages: bool, as_json: bool) -> int:
    """Write the pages of one company, or of all, from their published copies."""
    settings = load_settings()
    with open_marts(settings) as marts:
        if company_id:
            company(marts, company_id)
        found = rows(marts, "select company_id from marts.companies order by 1")
    companies = [company_id] if company_id else [row["company_id"] for row in found]
    summary = write_reports(settings.serving, companies, group=settings.serving_group, again=True)
    pages = {name: report_path(settings.serving, name) for name in companies}
    if as_json:
        print_json(summary.to_dict() | {"pages": {name: str(path) for name, path in pages.items()}})
    else:
        for path in pages.values():
            print_line(_shown(path))
    if open_pages:
        for path in pages.values():
            webbrowser.open(path.as_uri())
    return 0


def _shown(path: Path) -> str:
    """As seen from here, so that it can be clicked or pasted."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
