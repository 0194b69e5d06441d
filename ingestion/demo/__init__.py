"""Demo data: a landing folder for the two companies of ``seeds/``, of any size, from a seed.

The same arguments give the same bytes and the same modification times, on any number of threads.
"""

from ingestion.demo.generator import DemoSummary, generate
from ingestion.demo.profiles import DemoError

__all__ = ["DemoError", "DemoSummary", "generate"]
