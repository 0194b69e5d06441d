"""What long work says while it runs. The command line shows it; Dagster's own log has the rest."""

from typing import Protocol


class Reporter(Protocol):
    """Learns of stages and of steps within the current stage."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A stage begins, of ``total`` steps where that is known."""

    def advance(self, description: str = "", amount: int = 1) -> None:
        """Steps of the current stage are done."""


class SilentReporter:
    """Says nothing: runs that Dagster starts."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Nobody listens."""

    def advance(self, description: str = "", amount: int = 1) -> None:
        """Nobody listens."""
