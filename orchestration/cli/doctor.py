"""``doctor``: looks at everything that a run depends on, and says what to mend."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.cli.context import load_settings
from orchestration.cli.findings import Finding
from orchestration.cli.output import error_line, fail, print_json, print_line
from orchestration.cli.state_checks import STATE
from orchestration.platform.instance import dagster_home

_SHOWN = 10
_TARGETS = ("duckdb", "spark")
_LOCKED_PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "dlt", "duckdb", "great-expectations")
_SIGNS = {"ok": "ok  ", "warning": "WARN", "error": "FAIL"}


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
        *STATE,
    )
    return [finding for examination in examinations for finding in examination(settings)]


def _configuration(settings: Settings) -> Iterator[Finding]:
    yield Finding("landing zone", "ok", settings.landing)
    yield Finding("warehouse", "ok", str(settings.warehouse))
    yield Finding("serving", "ok", str(settings.serving))
    yield Finding("reference data", "ok", str(settings.seeds))
    if settings.target in _TARGETS:
        yield Finding("dbt target", "ok", settings.target)
    else:
        choices = " or ".join(_TARGETS)
        advice = f"set SAAS_TRACKER_TARGET to {choices}"
        yield Finding("dbt target", "error", f"there is no target {settings.target}", advice)
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
    refused = [
        path for path, found in inputs.items() if registry.refusal(found.company_id, found.app_id)
    ]
    if refused:
        yield Finding(
            "landing files",
            "warning",
            f"{len(refused)} files of unknown companies or applications: {_some(refused)}",
            "register them in seeds/companies.csv and seeds/applications.csv",
        )


def _some(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more
