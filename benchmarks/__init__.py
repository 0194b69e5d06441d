"""Measurements: each stage in a process of its own, against what the machine can do."""
