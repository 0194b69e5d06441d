"""The resource that runs dlt within Dagster."""

from dagster_dlt import DagsterDltResource


def landing_resources() -> dict[str, object]:
    """Resources by the names that the assets ask for."""
    return {"dlt": DagsterDltResource()}
