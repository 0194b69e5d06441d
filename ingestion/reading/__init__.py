"""Bytes to lines and CSV records, as Arrow batches with line numbers."""
