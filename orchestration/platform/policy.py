"""What holds for every asset: names, owner, freshness. Applied once, in ``definitions``."""

from datetime import timedelta

import dagster as dg

POOL = "duckdb_writer"  # one slot (dagster.yaml): DuckDB lets one process write
OWNER = "team:data-engineering"

JOB = "load_and_build"
REBUILD_JOB = "rebuild"
COMPANY_TAG = "saas_tracker/company"  # on runs that are for one company
LOAD = "load_landing"
CHECK_RAW = "check_raw"
BUILD = "build_models"
AUDIT = "audit_marts"

# Loads are hourly: a warning after a missed morning, a failure after a missed day. Marts are
# rebuilt when something is new, and at the latest by the daily run after midnight.
RAW_FRESHNESS = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=4), fail_window=timedelta(hours=26)
)
MARTS_FRESHNESS = dg.FreshnessPolicy.time_window(
    warn_window=timedelta(hours=27), fail_window=timedelta(hours=36)
)


def with_owner(spec: dg.AssetSpec) -> dg.AssetSpec:
    """The asset with its owner."""
    return spec.merge_attributes(owners=[OWNER])


def with_policy(spec: dg.AssetSpec) -> dg.AssetSpec:
    """The asset with its owner and, for raw tables, marts and published copies, its freshness."""
    spec = with_owner(spec)
    group = spec.group_name or ""
    if group == "raw":
        return dg.apply_freshness_policy(spec, RAW_FRESHNESS)
    if group.startswith("marts_") or group == "serving":
        return dg.apply_freshness_policy(spec, MARTS_FRESHNESS)
    return spec
