"""Event dumps: which fields they have, and when a row is an event."""
