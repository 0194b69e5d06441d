"""What the three kinds of import have in common: rows, errors, keys, and how they are judged."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestion.imports.amounts import decimal_mark_of
from ingestion.imports.sheet import SheetRow
from ingestion.imports.values import CellError
from ingestion.reading.text import beginning
from ingestion.reference import Company, Registry

MAX_CHARACTERS = 255
UNKNOWN_ORGANIZATION = "unknown_external_org_id"
ORGANIZATION_NAMES = dict.fromkeys(
    ("external_org_id", "org_id", "organization_id", "customer_org_id"), "external_org_id"
)

Key = tuple[str, ...]
Values = dict[str, Any]  # by column of the kind's version table


@dataclass(frozen=True)
class RowError:
    """What is wrong with one cell, and what to do about it."""

    line: int
    column: str
    value: str
    code: str
    message: str


@dataclass
class ParsedRow:
    """A row after its rules.

    ``key`` is None where it cannot be read. ``values`` holds the columns that the file has: what
    it does not have stays as it is stored. ``from_file`` is what other rows of it say about the
    meaning of its cells: it is kept with a refused row, which may be tried again alone.
    """

    row: SheetRow
    key: Key | None = None
    values: Values = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    from_file: dict[str, str] = field(default_factory=dict)

    def reject(self, column: str, code: str, message: str) -> None:
        """Note a broken rule."""
        value = beginning(self.row.cells.get(column, ""))
        self.errors.append(RowError(self.row.line, column, value, code, message))

    def parse(self, column: str, parser: Callable[[str], Any]) -> Any:
        """The parsed cell; None after noting why it cannot be parsed."""
        try:
            return parser(self.row.cells[column])
        except CellError as error:
            self.reject(column, error.code, error.message)
            return None

    def check_organization(self, context: "ImportContext", message: str) -> None:
        """Note an organization that is not among the known ones."""
        org_id = self.row.cells["external_org_id"]
        if org_id and org_id not in context.known_org_ids:
            self.reject("external_org_id", UNKNOWN_ORGANIZATION, message)


@dataclass(frozen=True)
class ImportContext:
    """What a row is judged against besides itself.

    ``file_decimal_mark`` is the one that the amounts of its file agree on.
    """

    company: Company
    registry: Registry
    known_org_ids: Collection[str]
    file_decimal_mark: str | None = None


@dataclass(frozen=True)
class ImportKind:
    """A kind of import; one instance in each of organizations, subscriptions, dismissals."""

    name: str
    version_table: str
    headers: Mapping[str, str]  # accepted header to column
    required: tuple[str, ...]
    defaults: Values  # of a new row, for columns that the file does not have
    read: Callable[[ParsedRow, ImportContext], None]  # fills key, values and errors
    stored_key: Callable[[Values], Key]  # of a row of the version table
    amount_column: str | None = None
    check_stored: Callable[[ParsedRow, Values], None] | None = None  # rules of the merged row
    merges_equal_rows: bool = True  # equal rows of one key in a file are one row, silently

    def context(
        self,
        company: Company,
        registry: Registry,
        known_org_ids: Collection[str],
        rows: Iterable[SheetRow],
    ) -> ImportContext:
        """What the rows of one file are judged against."""
        column = self.amount_column
        texts = [row.cells[column] for row in rows] if column else []
        return ImportContext(company, registry, known_org_ids, decimal_mark_of(texts))

    def parse(self, row: SheetRow, context: ImportContext) -> ParsedRow:
        """Validate one row by every rule that looks at it alone."""
        parsed = ParsedRow(row)
        if row.has_too_many_cells:
            parsed.reject("", "too_many_fields", "more cells than the header; quote the delimiter")
        for column, value in row.cells.items():
            if not value and column in self.required:
                parsed.reject(column, "missing_value", "empty; every row needs it")
            elif len(value) > MAX_CHARACTERS:
                parsed.reject(column, "value_too_long", f"over {MAX_CHARACTERS} characters")
        self.read(parsed, context)
        return parsed
