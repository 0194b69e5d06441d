"""The name key: how spellings of events, traits, properties and group types are compared."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

import duckdb
import pyarrow as pa

_IS_NAME_KEY = "[a-z0-9]+(_[a-z0-9]+)*"


def name_key_sql(name: str) -> str:
    """DuckDB SQL for the name key of a text: ``userSignedUp`` and ``User-Signed Up`` are one name.

    An underscore parts a small letter or digit from a capital, and the last capital of a run from
    those before it where a small letter follows; then all is lower case, and what is no letter or
    digit becomes one underscore, none at the ends.
    """
    parted = f"regexp_replace({name}, '([\\p{{Ll}}\\p{{Nd}}])(\\p{{Lu}})', '\\1_\\2', 'g')"
    parted = f"regexp_replace({parted}, '(\\p{{Lu}})(\\p{{Lu}}\\p{{Ll}})', '\\1_\\2', 'g')"
    joined = f"regexp_replace(lower({parted}), '[^\\p{{L}}\\p{{Nd}}]+', '_', 'g')"
    # Most names are spelled so already, and three replacements cost ten times as much as a look.
    return f"""case when regexp_full_match({name}, '{_IS_NAME_KEY}') then {name}
        else trim({joined}, '_') end"""


def name_keys(names: Iterable[str]) -> Mapping[str, str]:
    """The name key of each name."""
    return _name_keys(frozenset(names))


@lru_cache(maxsize=64)
def _name_keys(names: frozenset[str]) -> Mapping[str, str]:
    """A load asks for those of the tracking plan several times; the patterns take 9 ms each."""
    with duckdb.connect() as connection:
        connection.register("names", pa.table({"name": pa.array(names, pa.string())}))
        return MappingProxyType(
            dict(connection.execute(f"select name, {name_key_sql('name')} from names").fetchall())
        )
