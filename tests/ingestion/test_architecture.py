"""Ingestion runs without what runs it: no import of an orchestrator, of dbt or of its wrappers."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT

FORBIDDEN = ("dagster", "dbt", "orchestration", "great_expectations")
MODULES = sorted((PROJECT_ROOT / "ingestion").rglob("*.py"))


def imported_names(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = ast.unparse(node.func)
            if function in ("__import__", "import_module", "importlib.import_module"):
                yield str(node.args[0].value)


def is_forbidden(name: str) -> bool:
    package = name.lstrip(".").split(".")[0]
    return any(package == word or package.startswith(f"{word}_") for word in FORBIDDEN)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_module_imports_no_orchestration(module: Path) -> None:
    names = list(imported_names(module.read_text("utf-8")))
    assert [name for name in names if is_forbidden(name)] == []
    assert [name for name in names if name.startswith(".")] == [], "imports are absolute"


@pytest.mark.parametrize(
    "source",
    [
        "import dagster",
        "from dagster_dlt import x",
        "import dbt.cli as x",
        "from orchestration.cli import main",
        "def f():\n    import dagster as d",
        "import importlib\nimportlib.import_module('dagster.core')",
    ],
)
def test_the_look_at_imports_finds_them(source: str) -> None:
    assert any(map(is_forbidden, imported_names(source)))


def test_importing_all_of_ingestion_loads_no_orchestrator() -> None:
    names = [
        ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
    ]
    program = (
        f"import importlib, sys\nfor name in {names!r}:\n    importlib.import_module(name)\n"
        f"print([name for name in sys.modules if name.split('.')[0] in {FORBIDDEN!r}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
