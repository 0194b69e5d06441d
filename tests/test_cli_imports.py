"""Commands that read answer in under a second: they import nothing of what builds."""

import subprocess
import sys

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT
from tests.test_cli import home, published  # noqa: F401
from tests.test_cli_signals import changed  # noqa: F401

HEAVY = {"dagster", "dagster_dbt", "dbt", "dlt", "great_expectations", "pandas"}
PROGRAM = f"""
import sys
from orchestration.cli.invocation import invoke
code = invoke(sys.argv[1:])
loaded = sorted(name for name in sys.modules if name in {HEAVY!r})
print(code, *loaded, file=sys.stderr)
"""
COMMANDS = [
    "signals --company acme",
    "signals --company acme --since 7d --json",
    "revenue --company acme",
    "organizations --company acme --all",
    "rejects --company acme",
    "--help",
]
QUARANTINE = {
    "rejected_rows": [
        *("company_id", "app_id", "source", "path", "line_number", "reasons", "raw_text"),
        *("load_id", "rejected_at", "resolved_at"),
    ],
    "rejected_files": ["company_id", "path", "reason", "detail", "load_id", "rejected_at"],
    "load_audit": ["path", "last_loaded_at"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_reads_imports_nothing_that_builds(changed, command):  # noqa: F811
    with duckdb.connect(str(changed / "serving" / "all.duckdb")) as connection:
        for mart, columns in QUARANTINE.items():
            connection.execute(f"create table marts.{mart} ({' text, '.join(columns)} text)")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command.split()],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "0"
