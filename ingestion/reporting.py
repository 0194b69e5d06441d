"""How a load tells those who watch it how it gets on."""

from typing import Protocol


class Reporter(Protocol):
    """Learns how a load gets on. Sizes are bytes as stored, still compressed."""

    def started(self, files: int, stored_bytes: int) -> None:
        """Once, when it is known what there is to load."""

    def advanced(self, stored_bytes: int) -> None:
        """These bytes more are read; threads may say so at once."""


class SilentReporter:
    """A reporter for those who do not watch."""

    def started(self, files: int, stored_bytes: int) -> None:
        """Do nothing."""

    def advanced(self, stored_bytes: int) -> None:
        """Do nothing."""
