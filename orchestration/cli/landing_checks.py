"""What ``doctor`` finds in the landing zone: inputs, what is none, links, and refused files."""

from collections import Counter
from collections.abc import Iterable, Iterator

from ingestion.errors import UserError
from ingestion.landing.listing import Overview, overview
from ingestion.settings import Settings
from orchestration.cli.findings import Finding
from orchestration.cli.output import error_line

_SHOWN = 10
_SUBJECT = "landing files"
# The newest refusal of a path, unless it was loaded since.
_REFUSED = """
    select path, reason, detail from raw.rejected_files as refused
    where reason not in ('unknown_company', 'unknown_application') and not exists (
        from raw.loaded_files as files
        where files.path = refused.path and files.load_id >= refused.load_id
    )
    qualify row_number() over (partition by path order by load_id desc) = 1
    order by path"""
_OVERLAPPING_VENDORS = """
    with vendors as (
        select company_id, app_id, vendor, min(occurred_at) as first, max(occurred_at) as last
        from raw.calls group by all
    )
    select one.company_id, one.app_id, one.vendor, other.vendor,
        greatest(one.first, other.first), least(one.last, other.last)
    from vendors as one
    inner join vendors as other using (company_id, app_id)
    where one.vendor < other.vendor and one.first <= other.last and other.first <= one.last
    order by all"""


def landing_zone(settings: Settings) -> Iterator[Finding]:
    """The findings, in the order in which to read them."""
    try:
        found = overview(settings)
    except UserError as error:
        yield Finding(_SUBJECT, "error", error_line(str(error)), "SAAS_TRACKER_LANDING names it")
        return
    except Exception as error:  # noqa: BLE001 - whatever the storage's driver raises
        advice = "check the URL, driver and credentials"
        yield Finding(_SUBJECT, "error", error_line(str(error)), advice)
        return
    for path, reason in found.unlistable.items():
        yield Finding(_SUBJECT, "error", f"{path}: {reason}", "let this user read it, or remove it")
    kinds = Counter(item.kind for item in found.inputs.values())
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none"
    yield Finding(_SUBJECT, "ok", counts)
    yield from _others(found)
    yield from _unregistered(settings, found)
    yield from _refused(settings, found)
    yield from _double_routes(settings, found)


def _others(found: Overview) -> Iterator[Finding]:
    if found.others:
        yield Finding(
            _SUBJECT,
            "warning",
            f"{len(found.others)} files are no input by folder or ending: {_some(found.others)}",
            "see docs/inputs.md for the folders and endings",
        )
    if found.hidden:
        message = f"{found.hidden} names are ignored (. or _ in front, .tmp and .part at the end)"
        yield Finding(_SUBJECT, "ok", message)
    if found.outside:
        links = [f"{link} to {target}" for link, target in found.outside.items()]
        yield Finding(_SUBJECT, "ok", f"links out of the landing zone are followed: {_some(links)}")
    if found.loops:
        yield Finding(
            _SUBJECT,
            "warning",
            f"links to a folder that they are in are not followed: {_some(found.loops)}",
            "remove them",
        )


def _unregistered(settings: Settings, found: Overview) -> Iterator[Finding]:
    from ingestion.reference import load_registry

    try:
        registry = load_registry(settings)
    except UserError:
        return  # another finding says so
    refused = [
        path
        for path, item in found.inputs.items()
        if registry.refusal(item.company_id, item.app_id)
    ]
    if refused:
        yield Finding(
            _SUBJECT,
            "warning",
            f"{len(refused)} files of unknown companies or applications: {_some(refused)}",
            "register them in seeds/companies.csv and seeds/applications.csv",
        )


def _refused(settings: Settings, found: Overview) -> Iterator[Finding]:
    """Files that are still there and were not loaded, with the causes."""
    causes = [
        f"{path}: {reason}{f': {detail}' if detail else ''}"
        for path, reason, detail in _rows(settings, _REFUSED)
        if path in found.inputs
    ]
    if causes:
        yield Finding(
            _SUBJECT,
            "warning",
            f"{len(causes)} files were refused: {_some(causes, '; ')}",
            "correct them and drop them again; `saas-tracker rejects` lists them all",
        )


def _double_routes(settings: Settings, found: Overview) -> Iterator[Finding]:
    """Applications whose events may come twice: as events and as calls, or from two vendors."""
    kinds: dict[str, set[str]] = {}
    for item in found.inputs.values():
        if item.app_id is not None:
            kinds.setdefault(f"{item.company_id} {item.app_id}", set()).add(item.kind)
    twice = [
        f"{name}: files of events and of calls" for name, of in sorted(kinds.items()) if len(of) > 1
    ]
    twice += [
        f"{company_id} {app_id}: calls of {one} and {other} from {first:%Y-%m-%d} to"
        f" {last:%Y-%m-%d}"
        for company_id, app_id, one, other, first, last in _rows(settings, _OVERLAPPING_VENDORS)
    ]
    if twice:
        yield Finding(
            _SUBJECT,
            "warning",
            f"what comes by two routes counts twice: {_some(twice, '; ')}",
            "send one thing by one route: an event as an event or as a call, a call by one vendor",
        )


def _rows(settings: Settings, query: str) -> list[tuple]:
    """Rows of the warehouse; none where there is no warehouse, or another process has it."""
    import duckdb

    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()
    except duckdb.Error:
        return []  # another finding says so


def _some(items: Iterable[str], separator: str = ", ") -> str:
    shown = list(items)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return separator.join(shown[:_SHOWN]) + more
