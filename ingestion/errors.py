"""Errors that a person can act on, and whose fault an error is."""

import errno
from collections.abc import Iterator

import duckdb

_OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EROFS}
)
_SHOWN_CHARACTERS = 500


class UserError(Exception):
    """A mistake in a command, a setting or a file; the message says what to do about it.

    ``lines`` are several mistakes, one each, where there is more to say than the message.
    """

    lines: tuple[str, ...] = ()


class UnreadableFileError(Exception):
    """A file whose bytes are not what its name says. ``detail`` goes into the quarantine.

    ``reason`` is the code of ``raw.rejected_files``: ``unreadable_file`` or ``missing_column``.
    """

    def __init__(self, detail: str, reason: str = "unreadable_file") -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = reason


class FileChangedError(Exception):
    """A file that was written to while it was read. It is left alone until the next run."""


def is_fault_of_machine(error: BaseException) -> bool:
    """Whether no file is to blame: a full disk, no memory left, too many open files.

    DuckDB gets its rows from memory, so an input or output that it cannot do is one of its own
    files.
    """
    return any(
        isinstance(cause, MemoryError | duckdb.OutOfMemoryException | duckdb.IOException)
        or (isinstance(cause, OSError) and cause.errno in _OF_THE_MACHINE)
        for cause in _causes(error)
    )


def unreadable(error: Exception, place: str = "") -> UnreadableFileError:
    """The refusal of the file that was in hand when any library raised any error.

    Errors that are the machine's are raised again. ``place`` says where in the file it was.
    """
    if isinstance(error, UnreadableFileError):
        return error
    if is_fault_of_machine(error):
        raise error
    said = " ".join(str(error).split())[:_SHOWN_CHARACTERS] or "no more is known"
    return UnreadableFileError(
        f"{f'{place}: ' if place else ''}{type(error).__name__}: {said}; write the file again in a"
        " form that docs/inputs.md describes and drop it"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
