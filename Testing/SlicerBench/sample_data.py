"""Stand-in for Slicer's SampleData module: sources are registered and listed, and those that make their data can be pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import slicer


@dataclass
class SampleDataSource:
    """One data set."""

    sampleName: str | None = None
    uris: str | list[str] | None = None
    fileNames: str | list[str] | None = None
    nodeNames: str | list[str] | None = None
    customDownloader: Callable[[SampleDataSource], Any] | None = None
    thumbnailFileName: str | None = None
    loadFileTypes: str | list[str] | None = None
    loadFiles: bool | list[bool] | None = None
    loadFileProperties: dict[str, Any] = field(default_factory=dict)
    checksums: str | list[str] | None = None


class SampleDataLogic:
    """The part that modules call when they register their samples."""

    @staticmethod
    def registerCustomSampleDataSource(category: str = "Custom", **source: Any) -> None:
        made = SampleDataSource(**source)
        if not hasattr(slicer.modules, "sampleDataSources"):
            slicer.modules.sampleDataSources = {}
        sources = slicer.modules.sampleDataSources.setdefault(category, [])
        if made not in sources:
            sources.append(made)

    @staticmethod
    def sampleDataSourcesByCategory(category: str | None = None) -> Any:
        sources = getattr(slicer.modules, "sampleDataSources", {})
        return sources if category is None else sources.get(category, [])

    @staticmethod
    def press(source: SampleDataSource) -> Any:
        """Do what a click on the sample does; there is no network to download from. Part of the bench."""
        if source.customDownloader is None:
            raise RuntimeError(f"the bench can not download '{source.sampleName}'")
        return source.customDownloader(source)
