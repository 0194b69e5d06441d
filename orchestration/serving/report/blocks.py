"""What a page is made of: the files in ``pages/``, read and checked. ``docs/add-a-chart.md``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ingestion.errors import UserError

FOLDER = Path(__file__).parent
PAGES = FOLDER / "pages"

Format = Literal[
    "text", "code", "count", "number", "money", "percent", "date", "month", "time", "flag"
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Column(_Part):
    """A column of a mart or query; a plain name in the file is a column without options."""

    column: str
    label: str | None = None
    format: Format | None = Field(None, description="by the column's type where left out")
    change: str | None = Field(None, description="of a figure: the column with its change")
    definition: str | None = Field(None, description="where the column is not one of the mart's")
    opens: str | None = Field(None, description="page with filters; a cell adds its value")


def _column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


Columns = Annotated[list[Annotated[Column, BeforeValidator(_column)]], Field(min_length=1)]


class _Block(_Part):
    title: str
    mart: str = Field(alias="from", description="whose rows; its columns' words explain them")
    where: str | None = None
    order_by: str | None = None
    query: str | None = Field(None, description="SQL over the marts, where `from` is not enough")
    note: str | None = None

    def wanted(self) -> list[Column]:
        """The columns in the order in which the page gets them."""
        raise NotImplementedError

    def sql(self) -> str:
        """The question to the company's copy."""
        return f"select {self._columns}{self._rows}{self._order}"

    def sql_by_organization(self) -> str:
        """The same, a row per organization: its id, and its rows as items of a JSON list."""
        items = f"string_agg(json_array({self._columns})::varchar, ','{self._order})"
        return f"select external_org_id, {items}{self._rows} group by external_org_id"

    @property
    def _columns(self) -> str:
        return ", ".join(f'"{column.column}"' for column in self.wanted())

    @property
    def _rows(self) -> str:
        rows = f"({self.query}) as asked" if self.query else self.mart
        return f" from {rows}" + (f" where {self.where}" if self.where else "")

    @property
    def _order(self) -> str:
        return f" order by {self.order_by}" if self.order_by else ""


class Figures(_Block):
    """Tiles: the columns of one row."""

    type: Literal["figures"]
    figures: Columns

    def wanted(self) -> list[Column]:
        """Figures, each followed by its change."""
        changes = [Column(column=f.change) for f in self.figures if f.change]
        return self.figures + changes


class Chart(_Block):
    """A drawing, with its rows as a table below it."""

    type: Literal["chart"]
    kind: Literal["line", "area", "bar", "stack", "bridge", "heatmap"]
    x: Annotated[Column, BeforeValidator(_column)]
    y: Columns
    series: Annotated[Column | None, BeforeValidator(_column)] = None
    periods: list[int] = Field(default=[], description="buttons: so many of the last x")

    def wanted(self) -> list[Column]:
        """The x, the series, the values."""
        return [self.x, *([self.series] if self.series else []), *self.y]


class Filter(_Part):
    """A choice above a table. ``list``: the cells are lists with commas."""

    column: str
    label: str
    preset: str | None = None
    list: bool = False


class Table(_Block):
    """Rows to search, sort and filter."""

    type: Literal["table"]
    columns: Columns
    search: bool = False
    filters: list[Filter] = []
    organization: str | None = Field(None, description="the column whose id opens that page")

    def wanted(self) -> list[Column]:
        """The columns, and the id where it is not among them."""
        extra = self.organization and self.organization not in {c.column for c in self.columns}
        return self.columns + ([Column(column=self.organization)] if extra else [])


Block = Annotated[Figures | Chart | Table, Field(discriminator="type")]


class Page(_Part):
    """One page. The number that its file's name begins with is its place."""

    title: str
    about: str
    needs: str | None = Field(None, description="a mart: without rows there is no such page")
    blocks: list[Block]


@dataclass(frozen=True)
class Layout:
    """The pages in order, and the one that every organization has."""

    pages: list[Page]
    organization: Page


def read_layout(folder: Path = PAGES) -> Layout:
    """Read all pages. Raises UserError that names file, place and what is wrong."""
    return Layout(
        [_read(file) for file in sorted(folder.glob("[0-9]*.yml"))],
        _read(folder / "organization.yml"),
    )


def _read(file: Path) -> Page:
    try:
        return Page.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except yaml.YAMLError as error:
        raise UserError(f"report page {file.name} is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UserError(f"report page {file.name}, {place}: {first['msg']}") from error
