"""``doctor``: looks at everything that a run depends on, and says what to mend."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.cli.context import load_settings
from orchestration.cli.output import error_line, fail, print_json, print_line
from orchestration.instance import dagster_home
from orchestration.lock import holders

_SHOWN = 10
_LOCKED_PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "dlt", "duckdb", "great-expectations")
_SIGNS = {"ok": "ok  ", "warning": "WARN", "error": "FAIL"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``advice`` says what to mend, where anything is amiss."""

    subject: str
    status: Literal["ok", "warning", "error"]
    message: str
    advice: str = ""


def doctor(*, as_json: bool) -> int:
    """Print the findings. Returns 1 where one of them is an error."""
    findings = examine(load_settings())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            print_line(f"{_SIGNS[finding.status]}  {finding.subject}: {finding.message}")
            if finding.advice:
                print_line(f"      -> {finding.advice}")
    errors = sum(finding.status == "error" for finding in findings)
    return fail(f"{errors} things to mend", 1) if errors else 0


def examine(settings: Settings) -> list[Finding]:
    """Every finding, in the order in which to read them."""
    examinations: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _configuration,
        _packages,
        _registry,
        _landing,
        _warehouse,
        _locks,
        _serving,
    )
    return [finding for examination in examinations for finding in examination(settings)]


def _configuration(settings: Settings) -> Iterator[Finding]:
    yield Finding("landing zone", "ok", settings.landing)
    yield Finding("warehouse", "ok", str(settings.warehouse))
    yield Finding("serving", "ok", str(settings.serving))
    yield Finding("reference data", "ok", str(settings.seeds))
    yield Finding("dbt target", "ok", settings.target)
    yield Finding("Dagster instance", "ok", str(dagster_home()))
    if settings.now is not None:
        yield Finding(
            "clock",
            "warning",
            f"SAAS_TRACKER_NOW stops it at {settings.now.isoformat()}",
            "unset it for everyday use",
        )
    schemas = {"raw", "seeds", "staging", "intermediate", "marts"}
    if settings.warehouse.stem in schemas:
        yield Finding(
            "warehouse name",
            "error",
            f"DuckDB takes the file's name as the catalog's, and {settings.warehouse.stem} is a"
            " schema",
            "name the file otherwise in SAAS_TRACKER_WAREHOUSE",
        )


def _packages(_: Settings) -> Iterator[Finding]:
    pinned = dict(
        line.split(" ")[0].split("==")
        for line in (PROJECT_ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    )
    wrong = []
    for name in _LOCKED_PACKAGES:
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "missing"
        if installed != pinned.get(name):
            wrong.append(f"{name} is {installed}, locked is {pinned.get(name)}")
    if wrong:
        yield Finding("packages", "error", "; ".join(wrong), "make setup")
    else:
        yield Finding("packages", "ok", "as locked")


def _registry(settings: Settings) -> Iterator[Finding]:
    from ingestion.reference import load_registry

    try:
        registry = load_registry(settings)
    except (UserError, OSError, KeyError) as error:
        yield Finding("registry", "error", error_line(str(error)), f"mend {settings.seeds}")
        return
    names = ", ".join(sorted(registry.companies)) or "none"
    yield Finding("registry", "ok" if registry.companies else "warning", f"companies: {names}")
    for company in registry.companies.values():
        if not company.app_ids:
            yield Finding(
                "registry",
                "warning",
                f"{company.company_id} has no application: its events are refused",
                "add one to seeds/applications.csv",
            )


def _landing(settings: Settings) -> Iterator[Finding]:
    from ingestion.landing.layout import route
    from ingestion.landing.storage import LandingZone
    from ingestion.reference import load_registry

    if "://" not in settings.landing and not Path(settings.landing).is_dir():
        yield Finding(
            "landing files",
            "warning",
            f"there is no folder {settings.landing}",
            "create it, or set SAAS_TRACKER_LANDING",
        )
        return
    try:
        files = LandingZone(settings.landing).list_files()
    except Exception as error:  # noqa: BLE001 - whatever the storage's driver raises
        yield Finding(
            "landing files",
            "error",
            error_line(str(error)),
            "check the URL, driver and credentials",
        )
        return
    routes = {file.path: route(file.path) for file in files}
    inputs = {path: found for path, found in routes.items() if found}
    kinds = Counter(found.kind for found in inputs.values())
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none"
    yield Finding("landing files", "ok", counts)
    if others := [path for path, found in routes.items() if not found]:
        yield Finding(
            "landing files",
            "warning",
            f"{len(others)} files are no input by folder or ending: {_some(others)}",
            "see the README for the folders; names with . or _ in front are ignored silently",
        )
    try:
        registry = load_registry(settings)
    except (UserError, OSError, KeyError):
        return  # told above
    refused = [path for path, found in inputs.items() if registry.refusal(found)]
    if refused:
        yield Finding(
            "landing files",
            "warning",
            f"{len(refused)} files of unknown companies or applications: {_some(refused)}",
            "register them in seeds/companies.csv and seeds/applications.csv",
        )


def _warehouse(settings: Settings) -> Iterator[Finding]:
    import duckdb

    if not settings.warehouse.exists():
        yield Finding("warehouse file", "warning", "not there yet", "saas-tracker run")
        return
    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            schemas = connection.execute(
                "select schema_name, count(*) from duckdb_tables() group by 1 order by 1"
            ).fetchall()
            has_loads = dict(schemas).get("raw", 0) > 0
            last = (
                connection.execute("select max(loaded_at) from raw.loaded_files").fetchone()[0]
                if has_loads
                else None
            )
    except duckdb.IOException as error:
        if "Conflicting lock" not in str(error):
            yield Finding(
                "warehouse file",
                "error",
                error_line(str(error)),
                "move the file away and run again: raw is loaded anew from the landing zone",
            )
        elif holders(settings.warehouse):
            yield Finding("warehouse file", "ok", "being written")
        else:
            yield Finding(
                "warehouse file",
                "warning",
                error_line(str(error)),
                "close the program that has it open: it keeps runs waiting",
            )
        return
    tables = ", ".join(f"{count} in {name}" for name, count in schemas) or "none"
    size = settings.warehouse.stat().st_size / 1e6
    yield Finding("warehouse file", "ok", f"{size:,.1f} MB; tables: {tables}; last load: {last}")


def _locks(settings: Settings) -> Iterator[Finding]:
    held = holders(settings.warehouse)
    yield Finding("lock", "ok", f"held by {'; '.join(held)}" if held else "free")


def _serving(settings: Settings) -> Iterator[Finding]:
    published = settings.serving / "all.duckdb"
    if published.exists():
        yield Finding("published copies", "ok", f"{len(list(settings.serving.glob('*.duckdb')))}")
    else:
        yield Finding("published copies", "warning", "none yet", "saas-tracker run")


def _some(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more
