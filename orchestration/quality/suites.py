"""A suite of expectations, and what it says about a profile.

A profile is a small table: one row per application, company, file or figure, whatever the number
of events behind it.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

import duckdb

from ingestion.settings import Settings

_SHOWN = 5


@dataclass(frozen=True)
class Expectation:
    """A class of ``great_expectations.expectations`` by its name, and what it is made with."""

    type: str
    arguments: tuple[tuple[str, Any], ...]


def not_null(column: str) -> Expectation:
    """Every row has a value."""
    return Expectation("ExpectColumnValuesToNotBeNull", (("column", column),))


def between(
    column: str, low: Any, high: Any, *, strict: bool = False, warns: bool = False
) -> Expectation:
    """Values are within the bounds, the upper one left out if ``strict``; None is no bound.

    One that ``warns`` does not block.
    """
    arguments = {"column": column, "min_value": low, "max_value": high, "strict_max": strict}
    severity = {"severity": "warning"} if warns else {}
    return Expectation("ExpectColumnValuesToBeBetween", tuple((arguments | severity).items()))


def equal(one: str, other: str) -> Expectation:
    """Two columns have the same value in every row."""
    arguments = {"column_A": one, "column_B": other, "ignore_row_if": "neither"}
    return Expectation("ExpectColumnPairValuesToBeEqual", tuple(arguments.items()))


@dataclass(frozen=True)
class Suite:
    """What is expected of a profile.

    ``place`` says where a row of the profile is from, ``advice`` what to look at; both name
    columns of the profile in braces.
    """

    name: str
    asset: tuple[str, str]
    description: str
    expectations: tuple[Expectation, ...]
    place: str
    advice: str
    words: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)
    """What is wrong where a column breaks its expectation, in words; ``{value}`` is what it has."""

    @property
    def keys(self) -> list[str]:
        """The columns that place and advice name."""
        names = [name for _, name, _, _ in Formatter().parse(self.place + self.advice) if name]
        return list(dict.fromkeys(names))


AnySuite = TypeVar("AnySuite", bound=Suite)


@dataclass(frozen=True)
class Profile:
    """Rows of a query. Holds plain values: a frame is made of them where a suite is run."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def digest(self, *context: object) -> str:
        """The same for the same content, in any order of rows."""
        text = "\n".join([repr(context), repr(self.columns), *sorted(map(repr, self.rows))])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What a suite said: one plain sentence per broken expectation and place.

    ``companies`` has the company of each error; None where it concerns all of them.
    """

    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    expectations: int = 0
    profiled_rows: int = 0
    companies: tuple[str | None, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every expectation held, also those that only warn."""
        return not self.errors and not self.warnings

    @property
    def blocks(self) -> bool:
        """Whether an error concerns all companies, so that none of them may be published."""
        return None in self.companies

    @property
    def causes(self) -> dict[str, list[str]]:
        """The errors of each company that is held back."""
        found: dict[str, list[str]] = {}
        for company_id, error in zip(self.companies, self.errors, strict=True):
            if company_id is not None:
                found.setdefault(company_id, []).append(error)
        return found

    def text(self) -> str:
        """The first of its sentences, the blocking ones before the others."""
        said = [*self.errors, *self.warnings]
        more = f"; and {len(said) - _SHOWN} more" if len(said) > _SHOWN else ""
        return "; ".join(said[:_SHOWN]) + more


def data_docs(settings: Settings) -> Path:
    """The folder of Great Expectations' site, beside the warehouse: open its ``index.html``."""
    return settings.warehouse.with_suffix(".data_docs")


def profile_of(connection: duckdb.DuckDBPyConnection, query: str) -> Profile:
    """Run a query and keep its result."""
    found = connection.execute(query)
    columns = tuple(column[0] for column in found.description)
    return Profile(columns, tuple(found.fetchall()))
