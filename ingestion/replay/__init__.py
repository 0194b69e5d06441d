"""Another try for what was quarantined, after its cause was corrected.

Rows are read again from their files, judged by the rules of today and loaded by the code that
loads new files. What is accepted gets its ``resolved_at``; what is not stays as it is.
"""

from ingestion.replay.commands import apply, preview
from ingestion.replay.report import ReplayReport
from ingestion.replay.selection import Selection

__all__ = ["ReplayReport", "Selection", "apply", "preview"]
