"""What every room may use: Dagster's instance, the writer's lock, names, settings, faults."""
