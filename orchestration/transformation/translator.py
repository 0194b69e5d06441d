"""How dbt resources become Dagster assets."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from ingestion.settings import PROJECT_ROOT
from orchestration.platform.links import code_of
from orchestration.transformation.failed_tests import is_gate

REFERENCE_GROUP = "reference"
_LAST_BUILD = "last_build"


class WarehouseTranslator(DagsterDbtTranslator):
    """Keys are schema and table; groups follow the folders: ``marts/usage`` is ``marts_usage``."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """dagster-dbt's, without what a build keeps for the next one: no asset makes that."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        kept = {
            self.get_asset_key(source)
            for source in manifest["sources"].values()
            if source["source_name"] == _LAST_BUILD
        }
        return spec.replace_attributes(deps=[dep for dep in spec.deps if dep.asset_key not in kept])

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """``raw/events``, ``seeds/plans``, ``marts/organizations``."""
        name = dbt_resource_props.get("identifier") or dbt_resource_props.get("alias")
        return dg.AssetKey([dbt_resource_props["schema"], name or dbt_resource_props["name"]])

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """dagster-dbt's, which can block where the test can: its verdict says whether it does."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec._replace(blocking=is_gate(manifest["nodes"][unique_id]))

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """dagster-dbt's, with a link to the file that a person edits."""
        metadata = super().get_metadata(dbt_resource_props)
        if dbt_resource_props["resource_type"] == "source":
            return metadata
        if dbt_resource_props["resource_type"] == "seed":  # dbt is given a copy
            file = PROJECT_ROOT / "seeds" / f"{dbt_resource_props['name']}.csv"
        else:
            file = PROJECT_ROOT / "dbt_project" / dbt_resource_props["original_file_path"]
        return {**metadata, **code_of(file)}

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The group of a seed or model; sources have that of the asset that loads them."""
        if dbt_resource_props["resource_type"] == "source":
            return None
        if dbt_resource_props["resource_type"] == "seed":
            return REFERENCE_GROUP
        return group_of(dbt_resource_props["fqn"])


def group_of(fqn: list[str]) -> str:
    """The group of a model by its folders: the layer, and for marts the domain."""
    _project, layer, *folders, _name = fqn
    return f"{layer}_{folders[0]}" if layer == "marts" and folders else layer
