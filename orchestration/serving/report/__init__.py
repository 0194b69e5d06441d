"""The pages of a company: one HTML file that opens from disk, made from the company's own copy."""

from orchestration.serving.report.write import ReportSummary, report_path, write_reports

__all__ = ["ReportSummary", "report_path", "write_reports"]
