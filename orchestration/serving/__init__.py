"""Publishing: read-only copies of the marts for BI, one of everything and one per company."""
