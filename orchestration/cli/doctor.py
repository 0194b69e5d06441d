"""``doctor``: looks at everything that a run depends on, and says what to correct."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.cli.context import load_settings
from orchestration.cli.findings import Finding, Status
from orchestration.cli.lake_checks import lake
from orchestration.cli.landing_checks import landing_zone
from orchestration.cli.output import fail, print_json, print_line
from orchestration.cli.state_checks import STATE
from orchestration.platform.instance import dagster_home

_LOCKED_PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "dlt", "duckdb", "great-expectations")
_SPARK_PACKAGES = ("dbt-spark", "pyiceberg", "pyspark")
_LOCK, _SPARK_LOCK = "requirements.lock", "requirements-spark.lock"
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
    return fail(f"{errors} problems to correct", 1) if errors else 0


def examine(settings: Settings) -> list[Finding]:
    """Every finding, in the order in which to read them."""
    examinations: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _configuration,
        _packages,
        _registry,
        landing_zone,
        *STATE,
        lake,
    )
    return [finding for examination in examinations for finding in examination(settings)]


def _configuration(settings: Settings) -> Iterator[Finding]:
    yield Finding("landing zone", "ok", settings.landing)
    yield Finding("warehouse", "ok", str(settings.warehouse))
    yield Finding("serving", "ok", str(settings.serving))
    yield Finding("reference data", "ok", str(settings.seeds))
    if (problem := settings.target_problem) is None:
        yield Finding("dbt target", "ok", settings.target)
    else:
        yield Finding("dbt target", "error", problem, "set SAAS_TRACKER_TARGET to duckdb or spark")
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


def _packages(settings: Settings) -> Iterator[Finding]:
    is_spark = settings.target == "spark"
    pinned = dict(
        line.split(" ")[0].split("==")
        for line in (PROJECT_ROOT / (_SPARK_LOCK if is_spark else _LOCK)).read_text().splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    )
    wrong = []
    for name in (*_LOCKED_PACKAGES, *(_SPARK_PACKAGES if is_spark else ())):
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "missing"
        if installed != pinned.get(name):
            wrong.append(f"{name} is {installed}, locked is {pinned.get(name)}")
    if wrong:
        yield Finding(
            "packages", "error", "; ".join(wrong), "make setup-spark" if is_spark else "make setup"
        )
    else:
        yield Finding("packages", "ok", "as locked")


def _registry(settings: Settings) -> Iterator[Finding]:
    from ingestion.reference import load_registry
    from ingestion.seeds.validation import validate

    problems = validate(settings)
    for problem in problems:
        status: Status = "warning" if problem.is_warning else "error"
        yield Finding("reference data", status, str(problem), f"correct {problem.file}")
    if any(not problem.is_warning for problem in problems):
        return
    registry = load_registry(settings)
    names = ", ".join(sorted(registry.companies)) or "none"
    yield Finding("registry", "ok" if registry.companies else "warning", f"companies: {names}")
    for company in registry.companies.values():
        if not company.applications:
            yield Finding(
                "registry",
                "warning",
                f"{company.company_id} has no application: its events are refused",
                "add one to seeds/applications.csv",
            )
