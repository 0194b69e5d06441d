"""The command line ``saas-tracker``. Commands import what they need when they run."""

from orchestration.cli.invocation import main

__all__ = ["main"]
