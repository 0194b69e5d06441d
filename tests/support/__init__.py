"""Fixtures that several test files share: warehouses, dbt runs, random companies."""
