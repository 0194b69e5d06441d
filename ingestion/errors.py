"""Errors that a person can act on."""


class UserError(Exception):
    """A mistake in a command, a setting or a file; the message says what to do about it."""


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
