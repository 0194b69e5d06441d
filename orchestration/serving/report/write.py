"""Writes the pages of each company from that company's own published copy, and nothing else."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.resources import files as package_files
from pathlib import Path
from string import Template
from typing import Any

import duckdb

from ingestion.errors import UserError
from ingestion.sql import only_row
from orchestration.serving.marts import RESERVED_COMPANY_ID
from orchestration.serving.report.blocks import FOLDER, PAGES, Layout, read_layout
from orchestration.serving.report.content import is_wanted, read_definitions, read_page, to_json
from orchestration.serving.report.organizations import Files, organization_files
from orchestration.serving.targets import copy_file_name, give_to_group

_MADE_FROM = ".made_from"


@dataclass(frozen=True)
class ReportSummary:
    """What was written: companies in all, and whose pages changed."""

    folder: str
    companies: int
    written: list[str]
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def report_path(serving: Path, company_id: str) -> Path:
    """The page that a person opens."""
    return serving / "report" / company_id / "index.html"


def write_reports(
    serving: Path,
    company_ids: Iterable[str],
    *,
    group: str | None = None,
    again: bool = False,
    pages: Path = PAGES,
) -> ReportSummary:
    """Write the pages of these companies; those whose copy and templates are the same stay.

    All of it may be handed to a ``group``; who may read it is up to the umask.

    Rows of organizations are written first, then ``index.html`` takes the place of the old one in
    one step. Files that an open page may still ask for are removed by the write after the next.
    Raises UserError where a company has no copy, or a page asks for what is not there.
    """
    layout = read_layout(pages)
    written: list[str] = []
    size = 0
    companies = list(company_ids)
    for company_id in companies:
        copy = serving / copy_file_name(company_id)
        if not copy.exists():
            raise UserError(f"{copy} is not there: run `saas-tracker run` first")
        folder = report_path(serving, company_id).parent
        made_from = _state(copy, pages)
        if again or _read(folder / _MADE_FROM) != made_from:
            index, files = _render(copy, layout)
            _replace(folder, index, files, made_from)
            written.append(company_id)
            size += len(index.encode()) + sum(len(text.encode()) for text in files.values())
        for path in (folder.parent, folder, *folder.rglob("*")):
            give_to_group(path, group)
    return ReportSummary(str(serving / "report"), len(companies), written, size)


def write_all(serving: Path, group: str | None = None) -> ReportSummary:
    """Write the pages of every published company, and remove the pages of one that left."""
    with duckdb.connect(str(serving / copy_file_name(RESERVED_COMPANY_ID)), read_only=True) as copy:
        found = copy.execute("select company_id from marts.companies order by 1").fetchall()
    companies = [company_id for (company_id,) in found]
    for folder in (serving / "report").glob("*/"):
        if folder.name not in companies:
            shutil.rmtree(folder)
    return write_reports(serving, companies, group=group)


def _state(copy: Path, pages: Path) -> str:
    """What the pages are made from: a copy is replaced as a whole, never written in place."""
    stat = copy.stat()
    digest = hashlib.sha256(f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ino}".encode())
    for file in sorted([*FOLDER.rglob("*.*"), *pages.glob("*.yml")]):
        if file.suffix != ".pyc":
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _render(copy: Path, layout: Layout) -> tuple[str, Files]:
    with duckdb.connect(str(copy), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        definitions = read_definitions(connection)
        pages = [
            read_page(connection, page, definitions)
            for page in layout.pages
            if is_wanted(connection, page)
        ]
        organization = read_page(connection, layout.organization, definitions, with_rows=False)
        about = only_row(
            connection.execute(
                "select company_id, name, reporting_currency, as_of_date from companies"
            )
        )
        places, files = organization_files(connection, layout.organization)
    names = ("company_id", "name", "currency", "as_of")
    content = {
        "company": dict(zip(names, about, strict=True)),
        "pages": pages,
        "organization": organization,
        "places": places,
    }
    return _page(content), files


def _page(content: dict[str, Any]) -> str:
    static = package_files(__package__) / "static"
    return Template((static / "index.html").read_text("utf-8")).substitute(
        styles=(static / "report.css").read_text("utf-8"),
        charts=(static / "echarts.min.js").read_text("utf-8"),
        program=(static / "report.js").read_text("utf-8"),
        content=to_json(content),
    )


def _replace(folder: Path, index: str, files: Files, made_from: str) -> None:
    (folder / "organizations").mkdir(parents=True, exist_ok=True)
    earlier = _read(folder / ".files").splitlines()
    for name, text in files.items():
        if not (folder / name).exists():
            _write(folder / name, text)
    _write(folder / "index.html", index)
    _write(folder / _MADE_FROM, made_from)
    _write(folder / ".files", "\n".join(files))
    needed = {*files, *earlier}
    for file in (folder / "organizations").glob("*.js"):
        if f"organizations/{file.name}" not in needed:
            file.unlink()


def _write(path: Path, text: str) -> None:
    building = path.with_name(f".{path.name}.building")
    building.write_text(text, "utf-8")
    os.replace(building, path)  # noqa: PTH105 - in one step


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""
