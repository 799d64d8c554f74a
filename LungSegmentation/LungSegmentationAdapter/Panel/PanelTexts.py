"""Texts that the panel says at several places, and what its check boxes ask for."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from ..Run.SegmentationLogic import Outputs
from ..Scene.Sequences import frameOf
from .ParameterNode import LungSegmentationParameterNode


def outputsOf(parameters: LungSegmentationParameterNode) -> Outputs:
    """Give what is ticked."""
    return Outputs(
        parameters.airways, parameters.vessels, parameters.tables, parameters.plots, parameters.surfaces3D, parameters.probabilityMap
    )


def failedToSegment() -> str:
    """Give the heading of what went wrong in a run."""
    return _("Failed to segment the lungs")


def failedToMeasure() -> str:
    """Give the heading of what went wrong while measuring."""
    return _("Failed to measure the segments")


def failedToExport() -> str:
    """Give the heading of what went wrong while exporting."""
    return _("Failed to export the result")


def runInWords(volumeNode: slicer.vtkMRMLScalarVolumeNode, method: str) -> str:
    """Say in the log what is begun."""
    columns, rows, slices = volumeNode.GetImageData().GetDimensions()
    x, y, z = volumeNode.GetSpacing()
    name = " ".join(filter(None, (volumeNode.GetName(), frameOf(volumeNode))))
    return f"Segment {name}: {columns} × {rows} × {slices} voxels of {x:.3g} × {y:.3g} × {z:.3g} mm, method {method}"
