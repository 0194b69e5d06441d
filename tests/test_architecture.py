"""Who may import or read whom: rooms and folders of models in order, and ingestion by itself."""

import ast
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from ingestion.settings import PROJECT_ROOT

FORBIDDEN = ("dagster", "dbt", "orchestration", "great_expectations")
MODULES = sorted((PROJECT_ROOT / "ingestion").rglob("*.py"))

# A room, or a module of its own, imports from those before it only: docs/architecture.md.
ROOMS = {
    "ingestion": (
        "errors",
        "event_fields",
        "limits",
        "settings",
        "sql",
        "thresholds",
        "reporting",
        "rates",
        "ids",
        "name_key",
        "seeds",
        "reference",
        "raw",
        "reading",
        "landing",
        "dumps",
        "events",
        "calls",
        "imports",
        "loading",
        "replay",
        "withdrawal",
        "demo",
    ),
    "orchestration": (
        "platform",
        "lake",
        "state",
        "quality",
        "landing",
        "transformation",
        "serving",
        "pipeline",
        "definitions",
        "runner",
        "cli",
    ),
}

# A model reads from its own layer and those before it; within a layer from its own domain and
# those before it. `this_run` is no domain: which rows a build computes again concerns all.
LAYERS = ("staging", "intermediate", "marts")
DOMAINS = ("revenue", "calls", "usage", "health", "signals", "core", "tracking", "governance")
NO_DOMAIN = "this_run"


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


def module_name(path: Path) -> str:
    dotted = ".".join(path.relative_to(PROJECT_ROOT).with_suffix("").parts)
    return dotted.removesuffix(".__init__")


SOURCES = {
    module_name(path): path.read_text("utf-8")
    for package in ROOMS
    for path in (PROJECT_ROOT / package).rglob("*.py")
}


def imported_modules(source: str, modules: Collection[str]) -> set[str]:
    """The modules that a source imports, wherever it does: also within a function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            parts = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {part if part in modules else node.module for part in parts.values()}
    return found & set(modules)


def backward_imports(sources: Mapping[str, str], package: str, rooms: Sequence[str]) -> list[str]:
    """Imports of a room that comes later, and modules that are in no room."""

    def room(module: str) -> int:
        return rooms.index(module.split(".")[1])

    modules = [module for module in sources if module.startswith(f"{package}.")]
    lost = [module for module in modules if module.split(".")[1] not in rooms]
    return [f"{module} is in no room" for module in lost] + [
        f"{module} imports {imported}"
        for module in modules
        for imported in sorted(imported_modules(sources[module], modules))
        if module not in lost and imported not in lost and room(imported) > room(module)
    ]


def circles(sources: Mapping[str, str]) -> list[str]:
    """Modules from which imports lead back to themselves."""
    ahead = {name: imported_modules(source, sources) for name, source in sources.items()}

    def leads_back(name: str) -> bool:
        seen: set[str] = set()
        waiting = list(ahead[name])
        while waiting:
            if (following := waiting.pop()) not in seen:
                seen.add(following)
                waiting += ahead[following]
        return name in seen

    return sorted(filter(leads_back, sources))


@pytest.mark.parametrize("package", ROOMS)
def test_rooms_import_in_one_direction(package: str) -> None:
    assert backward_imports(SOURCES, package, ROOMS[package]) == []


def test_no_imports_run_in_a_circle() -> None:
    assert circles(SOURCES) == []


def test_every_room_is_there_and_on_the_page() -> None:
    page = (PROJECT_ROOT / "docs" / "architecture.md").read_text("utf-8")
    for package, rooms in ROOMS.items():
        existing = {name.split(".")[1] for name in SOURCES if name.startswith(f"{package}.")}
        assert existing == set(rooms)
        folders = [room for room in rooms if (PROJECT_ROOT / package / room).is_dir()]
        assert [room for room in folders if f"`{package}/{room}/`" not in page] == []


def test_the_look_at_rooms_finds_what_is_wrong() -> None:
    sources = {
        "house": "",
        "house.low": "",
        "house.low.a": "def f():\n    from house.high import b",
        "house.high": "",
        "house.high.b": "import house.low.a",
        "house.attic": "",
    }
    assert backward_imports(sources, "house", ["low", "high"]) == [
        "house.attic is in no room",
        "house.low.a imports house.high.b",
    ]
    assert circles(sources) == ["house.high.b", "house.low.a"]


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
    names = [module_name(path) for path in MODULES]
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


def backward_reads(models: Mapping[str, str]) -> list[str]:
    """Reads of a later layer or domain, and models in a folder that has no place in the order."""
    places = {path.rsplit("/", 1)[1].removesuffix(".sql"): path.split("/") for path in models}

    def is_ahead(one: str, other: str) -> bool:
        (layer, *domain), (other_layer, *other_domain) = places[one][:-1], places[other][:-1]
        if layer != other_layer or layer == "staging" or [NO_DOMAIN] in (domain, other_domain):
            return LAYERS.index(other_layer) > LAYERS.index(layer)
        return DOMAINS.index(other_domain[0]) > DOMAINS.index(domain[0])

    lost = [
        name
        for name, (layer, *domain, _) in places.items()
        if layer not in LAYERS
        or (layer != "staging" and (len(domain) != 1 or domain[0] not in (*DOMAINS, NO_DOMAIN)))
    ]
    return [f"{name} is in no domain" for name in lost] + [
        f"{name} reads {read}"
        for path, sql in models.items()
        for name in [path.rsplit("/", 1)[1].removesuffix(".sql")]
        for read in sorted(set(re.findall(r"ref\(['\"](\w+)['\"]\)", sql)) & set(places))
        if name not in lost and read not in lost and is_ahead(name, read)
    ]


def test_models_read_in_one_direction() -> None:
    folder = PROJECT_ROOT / "dbt_project" / "models"
    models = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*.sql")
    }
    assert backward_reads(models) == []
    page = (PROJECT_ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert " → ".join(f"`{domain}`" for domain in DOMAINS) in page


def test_the_look_at_models_finds_what_is_wrong() -> None:
    models = {
        "staging/stg_events.sql": "select * from {{ ref('int_days') }}",
        "intermediate/usage/int_days.sql": "{{ ref('stg_events') }} {{ ref('customers') }}",
        "intermediate/revenue/int_mrr.sql": "{{ ref('int_days') }} {{ ref('int_new__this_run') }}",
        "intermediate/this_run/int_new__this_run.sql": "{{ ref('int_days') }} {{ ref('mrr') }}",
        "marts/revenue/mrr.sql": "{{ ref('int_days') }} {{ ref('customers') }}",
        "marts/core/customers.sql": "{{ ref('mrr') }} {{ ref('int_mrr') }} {{ ref('a_seed') }}",
        "marts/finance/invoices.sql": "{{ ref('mrr') }}",
    }
    assert backward_reads(models) == [
        "invoices is in no domain",
        "stg_events reads int_days",
        "int_days reads customers",
        "int_mrr reads int_days",
        "int_new__this_run reads mrr",
        "mrr reads customers",
    ]
