"""Calls of the telemetry standard as vendors export them, and what they mean in common."""
