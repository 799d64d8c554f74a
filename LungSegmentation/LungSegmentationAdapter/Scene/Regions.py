"""Boxes that a user draws (markups ROI) as regions that a result is limited to."""

from __future__ import annotations

import numpy as np
import slicer
import vtk

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.region_of_interest import RegionOfInterest
from LungSegmentationLib.volume import PERPENDICULAR_TOLERANCE

from .Bending import bendingWarnings
from .Images import arrayFromMatrix, isLinear, transformBetween

_LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def regionOfNode(roiNode: slicer.vtkMRMLMarkupsROINode | None, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> RegionOfInterest | None:
    """Give the box of a node as it lies in the scene, under its transform; None for no node.

    Parameters
    ----------
    roiNode : vtkMRMLMarkupsROINode or None
    volumeNode : vtkMRMLScalarVolumeNode
        What is to be segmented.

    Returns
    -------
    RegionOfInterest or None

    Raises
    ------
    InputError
        If the box has no size, or a transform bends or stretches it, or bends the volume so much that the box would lie elsewhere in
        its voxels.
    """
    if roiNode is None:
        return None
    name = roiNode.GetName()
    if not isLinear(transformBetween(roiNode, None)):
        raise InputError(f"a transform bends the region of interest {name!r}; take it off the region first (module Transforms)")
    if not isLinear(transformBetween(volumeNode, None)) and bendingWarnings(volumeNode):
        raise InputError(
            f"a transform bends the volume {volumeNode.GetName()!r}, so that the region of interest {name!r} lies elsewhere in its voxels; "
            "harden the transform (module Transforms), which resamples the volume, or choose no region"
        )
    size, nodeToWorld = np.array(roiNode.GetSize()), vtk.vtkMatrix4x4()
    if not np.all(size > 0):
        raise InputError(f"the region of interest {name!r} has no size; draw a box around what is meant")
    if roiNode.GetParentTransformNode() is not None:
        roiNode.GetParentTransformNode().GetMatrixTransformToWorld(nodeToWorld)
    turn = arrayFromMatrix(nodeToWorld)[:3, :3]
    if not np.allclose(turn.T @ turn, np.eye(3), atol=PERPENDICULAR_TOLERANCE):
        # Slicer's own views and planes disagree on what such a box holds.
        raise InputError(f"a transform stretches the region of interest {name!r}; take it off the region first (module Transforms)")
    lpsFromBox = _LPS_FROM_RAS @ arrayFromMatrix(roiNode.GetObjectToWorldMatrix()) @ np.diag([*(size / 2), 1.0])
    return RegionOfInterest(name, tuple(tuple(float(value) for value in row) for row in np.linalg.inv(lpsFromBox)))


def drawAround(roiNode: slicer.vtkMRMLMarkupsROINode, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Draw a new box around a whole volume, for the user to make it smaller."""
    bounds = [0.0] * 6
    volumeNode.GetRASBounds(bounds)
    lowest, highest = np.array(bounds[::2]), np.array(bounds[1::2])
    roiNode.SetCenter(*((lowest + highest) / 2))
    roiNode.SetSize(*(highest - lowest))
    roiNode.CreateDefaultDisplayNodes()
