"""Reading the warehouse as the last build left it."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings

NOTHING_BUILT = "nothing has been built yet: run `saas-tracker run` first"


@contextmanager
def reading_what_is_built(settings: Settings, absent: str = NOTHING_BUILT) -> Iterator[None]:
    """Raise UserError, in one line, where the warehouse cannot be read within.

    ``absent`` is what to say where a table is not there.
    """
    if not settings.warehouse.exists():
        raise UserError(NOTHING_BUILT)
    try:
        yield
    except duckdb.IOException as error:
        raise UserError(
            f"{settings.warehouse} is being written: try again when the run is done"
        ) from error
    except duckdb.CatalogException as error:
        raise UserError(absent) from error
