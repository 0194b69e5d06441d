"""What ``doctor`` finds in the second engine: server, settings, views, and the lake's catalog."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.cli.findings import Finding
from orchestration.cli.output import error_line

if TYPE_CHECKING:
    from orchestration.lake.server import Server

_SCHEMA = "scratch"
_VIEW = f"{_SCHEMA}.doctor"
_OURS = "docs/spark.md lists what a cluster needs"
_UTC = ("UTC", "Etc/UTC", "GMT", "Z")
_SETTINGS = {
    "ANSI mode": ("set spark.sql.ansi.enabled", ("true",)),
    "time zone of the session": ("set spark.sql.session.timeZone", _UTC),
    "time zone of the server": (
        "select 'user.timezone', java_method('java.lang.System', 'getProperty', 'user.timezone')",
        _UTC,
    ),
}


def lake(settings: Settings) -> Iterator[Finding]:
    """Nothing where the target is not Spark."""
    if settings.target != "spark":
        return
    if find_spec("pyhive") is None:
        yield Finding("Spark", "error", "its packages are not installed", "make setup-spark")
        return
    for subject, look in {"Spark server": _server, "lake catalog": _catalog}.items():
        try:
            yield from look(settings)
        except UserError as error:
            what, _, advice = str(error).partition(": ")
            yield Finding(subject, "error", what, advice or _OURS)


def _server(settings: Settings) -> Iterator[Finding]:
    from pyhive.exc import Error

    from orchestration.lake.server import spark_server

    with spark_server(settings) as server:
        [(version,)] = server.ask("select split(version(), ' ')[0]")
        place = f"{settings.spark_host}:{settings.spark_port}"
        yield Finding("Spark server", "ok", f"Spark {version} on {place}")
        looks: tuple[Callable[[Server], Iterator[Finding]], ...] = (_settings, _views)
        for look in looks:
            try:
                yield from look(server)
            except Error as error:
                yield Finding("Spark server", "error", error_line(str(error))[:300], _OURS)


def _settings(server: "Server") -> Iterator[Finding]:
    for name, (question, right) in _SETTINGS.items():
        [(_, value)] = server.ask(question)
        if value in right:
            yield Finding(f"Spark's {name}", "ok", value)
        else:
            yield Finding(f"Spark's {name}", "error", f"{value}: numbers would differ", _OURS)


def _views(server: "Server") -> Iterator[Finding]:
    """A catalog that keeps a replaced view's old text builds wrong numbers without a word."""
    server.run(f"create schema if not exists {_SCHEMA}")
    found = []
    for text in ("old", "new"):
        server.run(f"create or replace view {_VIEW} as select '{text}' as text")
        found.append(server.ask(f"select text from {_VIEW}"))
    server.run(f"drop view {_VIEW}")
    if found == [[("old",)], [("new",)]]:
        yield Finding("Spark's views", "ok", "a replaced view returns its new text")
    else:
        yield Finding("Spark's views", "error", "a replaced view returns its old text", _OURS)


def _catalog(settings: Settings) -> Iterator[Finding]:
    from orchestration.lake.catalog import open_catalog, tables_of

    with open_catalog(settings) as catalog:
        if not catalog.namespace_exists(_SCHEMA):
            yield Finding(
                "lake catalog",
                "error",
                f"it has no schema {_SCHEMA}, which Spark has: it is not that of Spark's tables",
                "set SAAS_TRACKER_LAKE_CATALOG to the one that the server uses",
            )
            return
        tables = {name: len(tables_of(catalog, name)) for name in ("raw", "marts")}
    counts = ", ".join(f"{count} tables in {name}" for name, count in tables.items())
    yield Finding("lake catalog", "ok", f"{counts}; files in {settings.lake_root}")
