"""Dagster definitions and the command line: thin wrappers over ``ingestion`` and dbt."""
