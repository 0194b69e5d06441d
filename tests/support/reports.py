"""The copies of a company to make pages from; one organization has a name that is an attack."""

import shutil
from pathlib import Path

import duckdb

from orchestration.serving.publish import publish
from orchestration.serving.targets import copy_file_name

# Each one has a file for every mart; these have a row for every metric.
PUBLISHED = (
    *("007", "calls-05", "calls-12", "delays", "drawn-7", "ladders", "mismatches", "patterns"),
    *("second-thoughts", "told-0", "told-5", "tracked-billing", "tracked-trials"),
)
HOSTILE = "</script><script>document.title='broken in'</script><img src=x onerror=alert(1)>\u2028"


def publish_with_a_hostile_name(built, folder: Path) -> Path:
    """Publish some companies of a warehouse; an organization of the largest has a hostile name."""
    company_id = largest(built)
    left_out = {company.company_id for company in built.world.companies} - {company_id, *PUBLISHED}
    folder.mkdir()
    warehouse = folder / built.warehouse.name
    shutil.copy(built.warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "update marts.organizations set display_name = ? where company_id = ?"
            " and external_org_id = (select min(external_org_id) from marts.organizations"
            " where company_id = ?)",
            [HOSTILE, company_id, company_id],
        )
    publish(warehouse, folder / "serving", held_back=left_out)
    return folder / "serving"


def largest(built) -> str:
    """The company with the most organizations that pay and are seen."""
    rows = built.rows("organizations")
    counts = {row["company_id"]: 0 for row in rows}
    for row in rows:
        counts[row["company_id"]] += row["has_events"] and row["mrr"] > 0
    return max(sorted(counts), key=counts.get)


def in_copy(serving: Path, company_id: str, query: str) -> list[tuple]:
    """Ask a company's published copy."""
    with duckdb.connect(str(serving / copy_file_name(company_id)), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        return connection.execute(query).fetchall()
