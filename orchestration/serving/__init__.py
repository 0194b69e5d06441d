"""Publishing: read-only copies of the marts for BI, one of everything and one per company."""

from orchestration.serving.marts import PublishError
from orchestration.serving.publish import PublishSummary, publish
from orchestration.serving.targets import copy_file_name

__all__ = ["PublishError", "PublishSummary", "copy_file_name", "publish"]
