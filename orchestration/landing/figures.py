"""What a load did, as numbers beside its materializations: the Dagster UI draws their history."""

from collections.abc import Mapping
from typing import Any

import yaml

from ingestion.raw.tables import SCHEMA
from ingestion.settings import PROJECT_ROOT, Settings
from ingestion.sql import only_row
from orchestration.platform.warehouse import warehouse_connection

COMPANIES = "companies"

_ROWS = ", ".join(
    f'coalesce(sum(rows_{name}), 0)::bigint as "rows {name}"'
    for name in ("read", "accepted", "rejected", "duplicate")
)
_FILES = f"""
select
    count(*) as files, coalesce(sum(bytes), 0)::bigint as bytes, {_ROWS},
    coalesce(list(distinct company_id order by company_id), []) as {COMPANIES}
from {SCHEMA}.loaded_files where _dlt_load_id > $1
"""
_FILES_OF = f"""
select {_ROWS} from {SCHEMA}.loaded_files where _dlt_load_id > $1 and kind = '{{kind}}'
"""
# Late as in the mart late_events: the limit is a variable of the dbt project.
_LATE = f"""
select count(*) as "events late" from {SCHEMA}.events
where _dlt_load_id > $1 and epoch(received_at) - ts_epoch > 3600 * $2
"""

_WARNINGS = f"""
select path, warning, count(*) as times, arg_min(detail, line_number) as detail
from {SCHEMA}.import_warnings where _dlt_load_id > $1 group by path, warning order by all
"""
_REFUSED = f"""
select path, reason, detail from {SCHEMA}.rejected_files where _dlt_load_id > $1 order by path
"""


def refusals(settings: Settings, since: str) -> list[str]:
    """The files that the loads after ``since`` (a load id) refused, each with its cause."""
    with warehouse_connection(settings) as connection:
        rows = connection.execute(_REFUSED, [since]).fetchall()
    return [
        f"refused {path}: {reason}: {detail or 'not registered'}" for path, reason, detail in rows
    ]


def import_warnings(settings: Settings, since: str) -> list[str]:
    """What the imports of the loads after ``since`` warn of: a line per file and warning."""
    with warehouse_connection(settings) as connection:
        rows = connection.execute(_WARNINGS, [since]).fetchall()
    return [
        f"{path}: {warning}: {detail}" + (f" (and {times - 1:,} more)" if times > 1 else "")
        for path, warning, times, detail in rows
    ]


def load_figures(settings: Settings, since: str) -> dict[str, Mapping[str, Any]]:
    """Figures of the loads after ``since`` (a load id; empty for all), by raw table."""
    with warehouse_connection(settings) as connection:

        def ask(query: str, *parameters: str | int) -> dict[str, Any]:
            result = connection.execute(query, parameters)
            names = [column[0] for column in result.description]
            return dict(zip(names, only_row(result), strict=True))

        events = ask(_FILES_OF.format(kind="events"), since) | ask(_LATE, since, _late_hours())
        return {
            "loaded_files": ask(_FILES, since),
            "events": events,
            "calls": ask(_FILES_OF.format(kind="calls"), since),
        }


def _late_hours() -> int:
    project = (PROJECT_ROOT / "dbt_project" / "dbt_project.yml").read_text("utf-8")
    return yaml.safe_load(project)["vars"]["late_hours"]
