"""What the pages of a Parquet file say that they unpack to, before any is unpacked.

pyarrow unpacks a page into as much memory as its header asks for, whatever the footer says of the
column, and shows no page headers. They are read here as ``parquet.thrift`` defines them
(``PageHeader``: its fields 2 and 3 are the sizes) in Thrift's compact protocol.
"""

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow.parquet as pq

from ingestion.errors import UnreadableFileError

LARGEST_PAGE_BYTES = 512 << 20  # writers make pages of about 1 MB, the largest of 100 MB
_UNJUDGED_BYTES = 64 << 20  # of a column: a footer that is a little wrong does no harm
_UNPACKED, _PACKED = 2, 3
_STOP, _TRUE, _FALSE, _BYTE, _INTEGERS, _DOUBLE, _BINARY, _STRUCT = 0, 1, 2, 3, (4, 5, 6), 7, 8, 12
_DEEPEST = 8
_USUAL_HEADER, _LARGEST_HEADER = 16 << 10, 16 << 20  # the defaults of Arrow


def check_pages(stream: BinaryIO, metadata: pq.FileMetaData, columns: set[str]) -> None:
    """Raise UnreadableFileError where pages of these columns ask for more than the footer says."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for index in range(group.num_columns):
            chunk = group.column(index)
            if chunk.path_in_schema.partition(".")[0] not in columns:
                continue
            place = f"row group {number + 1}, column {chunk.path_in_schema}"
            said, unpacked = chunk.total_uncompressed_size, 0
            for size in page_sizes(stream, chunk):
                unpacked += size
                if size > LARGEST_PAGE_BYTES:
                    raise UnreadableFileError(f"{place}: a page that claims to be huge")
                if unpacked > max(said, _UNJUDGED_BYTES):
                    raise UnreadableFileError(
                        f"{place}: its pages unpack to more than the {said:,} bytes that the end of"
                        " the file says"
                    )


def page_sizes(stream: BinaryIO, chunk: pq.ColumnChunkMetaData) -> Iterator[int]:
    """What each page of a column chunk says; up to a header that is none, which is Arrow's."""
    starts = [chunk.data_page_offset]
    if chunk.has_dictionary_page and chunk.dictionary_page_offset:
        starts.append(chunk.dictionary_page_offset)
    at = min(starts)
    end = at + chunk.total_compressed_size
    while at < end:
        try:
            header = _Header.read(stream, at)
        except (IndexError, ValueError):
            return
        yield header.sizes.get(_UNPACKED, 0)
        at += header.length + max(header.sizes.get(_PACKED, 0), 0)


class _Header:
    """The header that some bytes begin with: its integers by number of the field, its length."""

    def __init__(self, data: bytes) -> None:
        self._data, self.length = data, 0
        self.sizes = self._struct(0)

    @classmethod
    def read(cls, stream: BinaryIO, at: int) -> "_Header":
        """The header at a place of a file. Raises IndexError or ValueError where there is none."""
        for size in (_USUAL_HEADER, _LARGEST_HEADER):
            stream.seek(at)
            data = stream.read(size)
            try:
                return cls(data)
            except IndexError:
                if len(data) < size:
                    raise
        raise ValueError("a header that has no end")

    def _struct(self, depth: int) -> dict[int, int]:
        if depth > _DEEPEST:
            raise ValueError("no header is that deep")
        integers: dict[int, int] = {}
        number = 0
        while (mark := self._byte()) & 15 != _STOP:
            number = number + (mark >> 4) if mark >> 4 else self._integer()
            kind = mark & 15
            if kind in _INTEGERS:
                integers[number] = self._integer()
            elif kind == _BINARY:
                size = self._varint()  # moves on by itself
                self.length += size
            elif kind == _STRUCT:
                self._struct(depth + 1)
            elif kind in (_BYTE, _DOUBLE):
                self.length += 1 if kind == _BYTE else 8
            elif kind not in (_TRUE, _FALSE):
                raise ValueError("a type that no header has")
        return integers

    def _byte(self) -> int:
        self.length += 1
        return self._data[self.length - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 128:
            value |= (byte & 127) << shift
            shift += 7
        return value | byte << shift

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
