"""From files of the landing zone to schema ``raw``. Runs without Dagster and never imports it."""
