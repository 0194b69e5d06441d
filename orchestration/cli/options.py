"""Options that several commands share."""

from enum import StrEnum
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Company = Annotated[str, typer.Option("--company", metavar="ID", help="The company.")]
OnlyCompany = Annotated[
    str | None, typer.Option("--company", metavar="ID", help="Only this company.")
]


class ImportKind(StrEnum):
    """What an import file holds."""

    organizations = "organizations"
    subscriptions = "subscriptions"
    dismissals = "dismissals"


def signal_type(name: str) -> str:
    """The name of a type of signal as it was given. Raises a usage error that lists the types."""
    from ingestion.reference import load_registry
    from orchestration.cli.context import load_settings

    known = load_registry(load_settings()).signal_types
    if name not in known:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(sorted(known))}.")
    return name
