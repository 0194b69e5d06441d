"""Loads: what is new in the landing zone, or one file, from its bytes to a commit by dlt."""
