"""Event dumps: reading, validating and telling events from duplicates."""
