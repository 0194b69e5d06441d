"""Which files of the landing zone there is anything to do about: new, changed, newly refused."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingestion.errors import FileChangedError, UnreadableFileError, unreadable
from ingestion.landing.layout import DUMP_KINDS, Route, route
from ingestion.landing.storage import LandingZone, StoredFile
from ingestion.raw.warehouse import LoadedData
from ingestion.reference import Registry


@dataclass(frozen=True)
class NewFile:
    """A file to load, with the checksum of its stored bytes.

    None where the path was never seen before: there is nothing to compare with, and the checksum
    is taken when the bytes are read anyway.
    """

    file: StoredFile
    route: Route
    checksum: str | None


@dataclass(frozen=True)
class RefusedFile:
    """A file that is not loaded, and why: a row of ``raw.rejected_files``."""

    file: StoredFile
    company_id: str
    reason: str
    detail: str
    checksum: str | None = None


@dataclass(frozen=True)
class Findings:
    """What a look at the landing zone came to."""

    new: list[NewFile]
    refused: list[RefusedFile]


_HASHING_THREADS = 2  # SHA-256 of many bytes holds no lock

_WITHDRAWN = "select path, bytes, modified_at, checksum, null from {table} order by load_id"
_LOADED = "select path, bytes, modified_at, checksum, null from {table} order by load_id"
_REJECTED = "select path, bytes, modified_at, checksum, reason from {table} order by load_id"


@dataclass(frozen=True)
class _Seen:
    size: int
    modified_at: datetime
    checksum: str | None
    reason: str | None

    def has_stat_of(self, file: StoredFile) -> bool:
        return (self.size, self.modified_at) == (file.size, file.modified_at)


class Manifest:
    """The files that earlier loads have seen, by path: the newest load and the newest refusal.

    A content that was withdrawn is not loaded again; the path with another content is.

    A file with the size and time of its last load is taken to be unchanged; a full scan
    compares checksums instead.
    """

    def __init__(self, loaded: LoadedData) -> None:
        self._loaded = _newest(loaded.rows("loaded_files", _LOADED))
        self._refused = _newest(loaded.rows("rejected_files", _REJECTED))
        withdrawn = loaded.rows("withdrawn_files", _WITHDRAWN)
        self._withdrawn = _newest(withdrawn)
        self._withdrawn_contents = {
            (path, size, checksum) for path, size, _, checksum, _ in withdrawn
        }

    def look(self, zone: LandingZone, registry: Registry, full_scan: bool = False) -> Findings:
        """Sort the files of the landing zone; one that is being written waits for the next time."""
        findings = Findings([], [])
        candidates: list[tuple[StoredFile, Route]] = []
        listing = zone.listing()
        for file, reason in listing.unlistable:
            company_id = file.path.split("/")[0]
            self.refuse(RefusedFile(file, company_id, "unreadable_file", reason), findings)
        for file in listing.files:
            found = route(file.path)
            if found is None:
                continue
            if refusal := registry.refusal(found.company_id, found.app_id):
                self.refuse(RefusedFile(file, found.company_id, *refusal), findings)
            elif self._is_first(file, found):
                findings.new.append(NewFile(file, found, None))
            elif full_scan or not self._is_unchanged(file):
                candidates.append((file, found))
        with ThreadPoolExecutor(_HASHING_THREADS) as pool:
            checksums = pool.map(lambda item: _checksum(zone, item[0]), candidates)
        for (file, found), checksum in zip(candidates, checksums, strict=True):
            if isinstance(checksum, UnreadableFileError):
                refused = RefusedFile(file, found.company_id, checksum.reason, checksum.detail)
                self.refuse(refused, findings)
            elif checksum is not None and not self._has_content(file, checksum):
                findings.new.append(NewFile(file, found, checksum))
        return findings

    def refuse(self, refused: RefusedFile, findings: Findings) -> None:
        """Add a refusal to the findings unless the same one is on record already."""
        seen = self._refused.get(refused.file.path)
        if seen and seen.has_stat_of(refused.file) and seen.reason == refused.reason:
            return
        findings.refused.append(refused)

    def _is_unchanged(self, file: StoredFile) -> bool:
        loaded, refused = self._loaded.get(file.path), self._refused.get(file.path)
        withdrawn = self._withdrawn.get(file.path)
        if any(seen and seen.has_stat_of(file) for seen in (loaded, withdrawn)):
            return True
        # Refused for its content, and the content is still the same.
        return bool(refused and refused.checksum and refused.has_stat_of(file))

    def _is_first(self, file: StoredFile, found: Route) -> bool:
        """Whether the file can be hashed as it is read: in order, and only once."""
        is_read_in_order = found.kind in DUMP_KINDS and found.file_format != "parquet"
        known = (self._loaded, self._refused, self._withdrawn)
        return is_read_in_order and not any(file.path in seen for seen in known)

    def _has_content(self, file: StoredFile, checksum: str) -> bool:
        if (file.path, file.size, checksum) in self._withdrawn_contents:
            return True
        seen = (self._loaded.get(file.path), self._refused.get(file.path))
        return any(item and (item.size, item.checksum) == (file.size, checksum) for item in seen)


def _checksum(zone: LandingZone, file: StoredFile) -> str | UnreadableFileError | None:
    """None where the file is being written to; that it cannot be read is handed back."""
    try:
        checksum = zone.checksum(file)
        zone.raise_if_changed(file)
    except FileChangedError:
        return None
    except Exception as error:  # noqa: BLE001 (whatever the storage's driver raises)
        return unreadable(error)
    return checksum


def _newest(rows: list[Any]) -> dict[str, _Seen]:
    return {path: _Seen(*rest) for path, *rest in rows}
