"""The dbt project as assets: reference data, models, and its tests as checks."""
