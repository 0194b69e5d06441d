"""The landing zone as assets: dlt loads it, Great Expectations validates the result."""
