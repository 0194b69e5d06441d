"""What earlier loads have stored of an import: its newest versions, and what one file wrote."""

from ingestion.imports.kinds import ImportKind, Key, Values
from ingestion.raw.tables import RAW_TABLES_BY_NAME
from ingestion.raw.warehouse import LoadedData

_CURRENT = """
    select * exclude (_dlt_load_id) from {table} where company_id = {company_id}
    order by version_number"""
_WRITTEN_BY = """
    select * exclude (_dlt_load_id) from {table} where company_id = {company_id}
        and source_path = {path} and _dlt_load_id = {load_id}"""


def current_rows(loaded: LoadedData, kind: ImportKind, company_id: str) -> dict[Key, Values]:
    """The newest version of every row of a company, by its import key."""
    return _by_key(loaded, kind, _CURRENT, company_id=company_id)


def keys_set_by(
    loaded: LoadedData, kind: ImportKind, company_id: str, path: str, load_id: str
) -> set[Key]:
    """The import keys of which one load of a file wrote a version."""
    return set(
        _by_key(loaded, kind, _WRITTEN_BY, company_id=company_id, path=path, load_id=load_id)
    )


def _by_key(loaded: LoadedData, kind: ImportKind, query: str, **values: str) -> dict[Key, Values]:
    columns = RAW_TABLES_BY_NAME[kind.version_table].columns
    names = [name for name in columns if name != "_dlt_load_id"]
    found: dict[Key, Values] = {}
    for row in loaded.rows(kind.version_table, query, **values):
        version = dict(zip(names, row, strict=True))
        found[kind.stored_key(version)] = version
    return found
