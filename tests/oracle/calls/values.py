"""Single values of calls: names, ids, moments, paths."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

ABSENT_IDS = {
    "null",
    "undefined",
    "nil",
    "none",
    "nan",
    "true",
    "false",
    "0",
    "anonymous",
    "guest",
    "id",
    "distinct_id",
    "distinctid",
    "email",
    "not_authenticated",
    "[object object]",
}
FIRST_MILLISECONDS = 10**11
MAX_PATH = 2048
_EPOCH = datetime(1970, 1, 1)


def name_key(name: str) -> str:
    """How spellings of a name are compared."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    spaced = re.sub(r"([A-Z])([A-Z][a-z])", r"\1_\2", spaced)
    runs = "".join(c if c.isalnum() else " " for c in spaced.lower())
    return "_".join(runs.split())


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_hash(text: str) -> bool:
    return re.fullmatch(r"[0-9a-fA-F]{64}", text) is not None


def hashed_id(text: str | None) -> str | None:
    """What is stored of a user's, anonymous or previous id."""
    if text is None or is_hash(text):
        return text
    return sha256(text)


def id_text(value: Any) -> str | None:
    """An id as text; None where it is absent. Of a wrong type: ``TypeError``."""
    if value is None:
        return None
    if isinstance(value, (bool, list, dict)):
        raise TypeError(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return None if not text or text.lower() in ABSENT_IDS else text


def is_present(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def is_present_id(value: Any) -> bool:
    """Present, and not one of the words that stand for no id. A wrong type is present."""
    try:
        return id_text(value) is not None
    except TypeError:
        return is_present(value)


def first_present(*values: Any) -> Any:
    return next((value for value in values if is_present(value)), None)


def first_id(*values: Any) -> Any:
    return next((value for value in values if is_present_id(value)), None)


def moment(value: Any, unit: str = "guess") -> datetime:
    """ISO 8601, or Unix seconds or milliseconds. Unreadable or before 1970: ``ValueError``."""
    if isinstance(value, (bool, list, dict)):
        raise ValueError(value)
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", value.strip()):
        found = datetime.fromisoformat(value.strip())
        if found.tzinfo is not None:
            found = found.astimezone(UTC).replace(tzinfo=None)
    else:
        number = float(value)
        is_milliseconds = unit == "ms" or abs(number) >= FIRST_MILLISECONDS
        found = _EPOCH + timedelta(
            microseconds=round(number * (1000 if is_milliseconds else 10**6))
        )
    if found < _EPOCH:
        raise ValueError(value)
    return found


def milliseconds(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(milliseconds=1)


def path_of(value: Any, is_url: bool) -> str | None:
    """A path without query and fragment; None where it is none or too long."""
    if not isinstance(value, str):
        return None
    path = urlsplit(value).path if is_url else re.split("[?#]", value)[0]
    return path if path.startswith("/") and len(path) <= MAX_PATH else None
