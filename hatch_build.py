"""Put datasets/ and notebooks/ into real wheels; an editable install reads the checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLED = ("datasets", "notebooks")


class BundleFolders(BuildHookInterface[Any]):
    """Add the shipped folders below `workbench/_bundled`, where `workbench.resources` looks."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Register the folders, unless `version` is "editable": copies there would go stale."""
        if version == "editable":
            return
        for folder in BUNDLED:
            build_data["force_include"][folder] = f"workbench/_bundled/{folder}"
