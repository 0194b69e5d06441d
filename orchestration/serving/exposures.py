"""Who reads the published marts: the dbt exposures, as assets that others make."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from orchestration.serving.assets import PUBLISHED
from orchestration.transformation.translator import WarehouseTranslator


def exposure_assets(manifest: Path) -> list[dg.AssetSpec]:
    """One external asset per exposure, after the published copies and the marts that it shows."""
    contents = json.loads(manifest.read_text())
    return [_asset(exposure, contents) for exposure in contents["exposures"].values()]


def _asset(exposure: Mapping[str, Any], manifest: Mapping[str, Any]) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["exposures", exposure["name"]],
        deps=[PUBLISHED, *_marts(exposure, manifest)],
        group_name="serving",
        description=exposure["description"],
        owners=[f"team:{exposure['owner']['name']}"],
        kinds={exposure["type"]},
        metadata={"label": exposure["label"], "maturity": exposure["maturity"]},
    )


def _marts(exposure: Mapping[str, Any], manifest: Mapping[str, Any]) -> Iterator[dg.AssetKey]:
    translator = WarehouseTranslator()
    for unique_id in exposure["depends_on"]["nodes"]:
        yield translator.get_asset_key(manifest["nodes"][unique_id])
