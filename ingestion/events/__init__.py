"""Event dumps: reading, judging and telling events from duplicates."""
