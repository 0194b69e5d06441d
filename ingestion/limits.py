"""What one file of the landing zone may come to, whatever its bytes unpack to."""

from dataclasses import dataclass

from ingestion.errors import UnreadableFileError

# Below this a file is read whatever its ratio: a short dump of equal lines packs well.
_UNJUDGED_BYTES = 64 << 20


@dataclass(frozen=True)
class Limits:
    """Bounds per file: bytes unpacked, bytes unpacked per stored byte, bytes of a CSV line, rows.

    Bounds of an import file are narrower: it is judged as a whole, in memory. A file that exceeds
    one is refused as ``unreadable_file``. ``SAAS_TRACKER_MAX_...`` sets them.
    """

    unpacked_bytes: int = 20 << 30
    unpack_ratio: float = 200
    line_bytes: int = 16 << 20
    rows: int = 100_000_000
    import_bytes: int = 128 << 20
    import_rows: int = 250_000

    def check_unpacked(self, unpacked: int, stored: int) -> None:
        """Raise UnreadableFileError where that many bytes are too many for a stored size."""
        if unpacked > self.unpacked_bytes:
            raise UnreadableFileError(
                f"unpacks to more than {self.unpacked_bytes / (1 << 30):g} GB; split it, or raise"
                " SAAS_TRACKER_MAX_UNPACKED_GB"
            )
        if unpacked > max(_UNJUDGED_BYTES, self.unpack_ratio * stored):
            raise UnreadableFileError(
                f"unpacks to more than {self.unpack_ratio:g} times its size, as no dump of events"
                " does; look at what it holds, or raise SAAS_TRACKER_MAX_UNPACK_RATIO"
            )

    def check_line(self, number: int, size: int) -> None:
        """Raise UnreadableFileError where a line of a CSV is too long."""
        if size > self.line_bytes:
            raise UnreadableFileError(
                f"line {number} has no end within {self.line_bytes / (1 << 20):g} MB; end its lines"
                " with a line feed, or raise SAAS_TRACKER_MAX_LINE_MB"
            )

    def check_rows(self, rows: int) -> None:
        """Raise UnreadableFileError where a file has too many lines or rows."""
        if rows > self.rows:
            raise UnreadableFileError(
                f"has more than {self.rows:,} lines; split it, or raise SAAS_TRACKER_MAX_ROWS"
            )

    def check_import(self, size: int, rows: int) -> None:
        """Raise UnreadableFileError where an import file has too many bytes or rows."""
        if size > self.import_bytes:
            raise UnreadableFileError(
                f"has more than {self.import_bytes / (1 << 20):g} MB; split it, or raise"
                " SAAS_TRACKER_MAX_IMPORT_MB"
            )
        if rows > self.import_rows:
            raise UnreadableFileError(
                f"has more than {self.import_rows:,} rows; split it, or raise"
                " SAAS_TRACKER_MAX_IMPORT_ROWS"
            )
