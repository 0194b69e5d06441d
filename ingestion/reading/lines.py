"""Bytes to lines as Arrow batches: numbered, checked to be UTF-8, never a Python object per line.

Splitting is done here and not by an engine's reader because the quarantine needs what those
drop: the number and the text of a broken line, and a bound on the length of one.
"""

import codecs
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from ingestion.errors import UnreadableFileError
from ingestion.limits import Limits
from ingestion.reading.text import RAW_TEXT_BYTES, beginning

MAX_LINE_BYTES = 1_048_576
BLOCK_BYTES = 2 << 20

LINE_SCHEMA = pa.schema(
    [
        pa.field("line_number", pa.int64()),
        pa.field("line", pa.string()),  # with its line end
        pa.field("is_too_long", pa.bool_()),
    ]
)


def line_batches(
    stream: BinaryIO, max_line_bytes: int | None, limits: Limits | None = None
) -> Iterator[pa.RecordBatch]:
    """The lines of a stream, in order, in batches of LINE_SCHEMA of about BLOCK_BYTES.

    A line of more than ``max_line_bytes`` (line end not counted) keeps its first RAW_TEXT_BYTES
    and is marked; it is never held in memory whole. With None, ``limits`` say how long one may be.
    Raises UnreadableFileError where the bytes are not UTF-8, or a line exceeds the limits.
    """
    next_number, limits = 1, limits or Limits()

    def check(size: int) -> None:
        limits.check_line(next_number, size)

    for block in _blocks_of_whole_lines(stream, max_line_bytes, check):
        batch = _overlong_line(block) if isinstance(block, _Overlong) else _split(block)
        if max_line_bytes is not None and not isinstance(block, _Overlong):
            batch = _shorten(batch, max_line_bytes)
        numbers = pa.array(np.arange(next_number, next_number + len(batch[0])), pa.int64())
        next_number += len(numbers)
        yield pa.RecordBatch.from_arrays([numbers, *batch], schema=LINE_SCHEMA)


class _Overlong(bytes):
    """The head of a line that went past the limit before its end was seen."""


def _blocks_of_whole_lines(
    stream: BinaryIO, max_line_bytes: int | None, check: Callable[[int], None]
) -> Iterator[bytes]:
    carry = b""
    is_first = True
    while block := stream.read(BLOCK_BYTES):
        if is_first:
            block, is_first = _without_mark(bytes(block)), False
        end = block.rfind(b"\n") + 1
        if end:
            yield b"".join([carry, memoryview(block)[:end]])
            carry = block[end:]
        else:
            carry += block
            if max_line_bytes is None:
                check(len(carry))
            elif len(carry) > max_line_bytes + len("\r\n"):
                head, rest = _skip_line(stream, carry)
                yield head
                end = rest.rfind(b"\n") + 1
                if end:
                    yield rest[:end]
                carry = rest[end:]
    if carry:
        if max_line_bytes is None:
            check(len(carry))
        yield carry


def _without_mark(block: bytes) -> bytes:
    """The first block without its byte order mark."""
    if block.count(0) > len(block) // 4:
        raise UnreadableFileError("every other byte is zero, as in UTF-16: save it as UTF-8")
    return block.removeprefix(codecs.BOM_UTF8)


def _skip_line(stream: BinaryIO, start: bytes) -> tuple[_Overlong, bytes]:
    """Read to the end of an overlong line; return its head and what follows it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    head, block = start[:RAW_TEXT_BYTES], start
    while block and b"\n" not in block:
        _decode(decoder, block)
        block = stream.read(BLOCK_BYTES)
    line_end, _, rest = block.partition(b"\n")
    _decode(decoder, line_end, final=True)
    return _Overlong(head), rest


def _decode(decoder: codecs.IncrementalDecoder, data: bytes, final: bool = False) -> None:
    try:
        decoder.decode(data, final)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"not UTF-8: {error.reason}") from error


def _split(block: bytes) -> list[pa.Array]:
    ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == ord("\n")) + 1
    if not len(ends) or ends[-1] != len(block):
        ends = np.append(ends, len(block))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(block))
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid as error:
        raise UnreadableFileError(f"not UTF-8: {error}") from error
    return [lines, pa.array(np.zeros(len(ends), dtype=bool))]


def _shorten(batch: list[pa.Array], max_line_bytes: int) -> list[pa.Array]:
    lines = batch[0]
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)
    candidates = np.flatnonzero(np.diff(offsets) > max_line_bytes)
    too_long = [i for i in candidates if _length(lines[int(i)].as_py()) > max_line_bytes]
    if not too_long:
        return batch
    mask = np.zeros(len(lines), dtype=bool)
    mask[too_long] = True
    heads = [beginning(lines[int(i)].as_py()) for i in too_long]
    mask_array = pa.array(mask)
    return [pa.compute.replace_with_mask(lines, mask_array, pa.array(heads)), mask_array]


def _length(line: str) -> int:
    return len(line.removesuffix("\n").removesuffix("\r").encode())


def _overlong_line(head: bytes) -> list[pa.Array]:
    # The cut may fall inside a character.
    return [pa.array([head.decode(errors="ignore")]), pa.array([True])]
