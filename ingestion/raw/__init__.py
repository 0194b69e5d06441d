"""Schema ``raw``: its tables, what they hold, and the rows on their way to them."""
