"""A way back: takes what a file or a load brought out of ``raw``, as if it had never come.

What only later files know is not stored anywhere: an event that they sent again was counted, a row
that changed nothing was left alone. So the later loads that this concerns are done again from their
files, at their times and under their ids, and one transaction replaces the rows.
"""

from ingestion.withdrawal.commands import apply, preview
from ingestion.withdrawal.report import WithdrawalReport

__all__ = ["WithdrawalReport", "apply", "preview"]
