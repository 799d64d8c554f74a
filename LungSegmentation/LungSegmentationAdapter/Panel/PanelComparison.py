"""Comparison with a reference in the panel: a table of agreement and the segments that differ."""

from __future__ import annotations

from typing import Any

import slicer

from ..Run.Comparison import TABLES
from ..Scene import Tables


class PanelComparison:
    """The widgets of the section "Compare with a reference segmentation"."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui

    def show(self, segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> None:
        """Show the table of a segmentation's last comparison."""
        tableNode = Tables.tableNodes(segmentationNode, TABLES).get("reference") if segmentationNode else None
        self._ui.comparisonTable.setMRMLTableNode(tableNode)
        self._ui.comparisonTable.visible = tableNode is not None
