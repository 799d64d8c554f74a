"""How a scan and its result are shown: window presets, places in the slices, tables, charts and surfaces."""

from __future__ import annotations

import slicer
import slicer.util
import vtk

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import LEFT_LUNG, REGIONS, RIGHT_LUNG
from LungSegmentationLib.presets.window_level import WindowLevelPreset, find_preset, preset_with_limits

from .Terminology import segmentIdsOfRegion

_LUNG_OPACITY = 0.4
_SHOWN_3D = "LungSegmentation.Shown3D"  # attribute of a segmentation that was seen in three dimensions


def applyPreset(volumeNode: slicer.vtkMRMLScalarVolumeNode, key: str | None = None) -> None:
    """Show a volume through a preset's window.

    Parameters
    ----------
    volumeNode : vtkMRMLScalarVolumeNode
        Gets a display node where it has none; its automatic window is switched off.
    key : str, optional
        Key of :func:`LungSegmentationLib.presets.window_level.window_level_presets`; the default preset for None.

    Raises
    ------
    InputError
        If the preset is unknown or the volume has no voxels.
    """
    preset = find_preset(key)
    lower, upper = preset.limits_hu(*_valueRange(volumeNode))
    volumeNode.CreateDefaultDisplayNodes()
    displayNode = volumeNode.GetDisplayNode()
    wasModifying = displayNode.StartModify()
    try:
        displayNode.AutoWindowLevelOff()
        displayNode.SetWindowLevelMinMax(lower, upper)
    finally:
        displayNode.EndModify(wasModifying)


def presetOfVolume(volumeNode: slicer.vtkMRMLScalarVolumeNode | None) -> WindowLevelPreset | None:
    """Tell through which preset's window a volume is shown.

    Parameters
    ----------
    volumeNode : vtkMRMLScalarVolumeNode or None

    Returns
    -------
    WindowLevelPreset or None
        None for a window of the user's own, an automatic window, and a volume that is not shown.
    """
    if volumeNode is None or volumeNode.GetImageData() is None:
        return None
    displayNode = volumeNode.GetScalarVolumeDisplayNode()
    if displayNode is None or displayNode.GetAutoWindowLevel():
        return None
    return preset_with_limits(displayNode.GetWindowLevelMin(), displayNode.GetWindowLevelMax(), *_valueRange(volumeNode))


def showVolume(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Show a volume in all slice views of the application, fitted to them."""
    applicationLogic = slicer.app.applicationLogic()
    applicationLogic.GetSelectionNode().SetActiveVolumeID(volumeNode.GetID())
    transformNode = volumeNode.GetParentTransformNode()
    if transformNode is None or transformNode.IsTransformToWorldLinear():
        applicationLogic.PropagateVolumeSelection()
        return
    # Slicer would turn the views along the volume's axes, which a transform that bends space does not have: an error in its log.
    applicationLogic.PropagateVolumeSelection(0)
    if slicer.app.layoutManager() is not None:
        slicer.util.resetSliceViews()


def shownOrFirstVolume() -> slicer.vtkMRMLScalarVolumeNode | None:
    """Give the scan that the slice views show, else the first one of the scene, None where there is none."""
    scans = [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode") if not node.IsA("vtkMRMLLabelMapVolumeNode")]
    shown = _backgrounds()
    return next((node for node in scans if node.GetID() in shown), scans[0] if scans else None)


def showInput(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Show a volume in the slice views; where all of them show it already, they stay as they are."""
    if _backgrounds() != {volumeNode.GetID()}:
        showVolume(volumeNode)


def _backgrounds() -> set[str | None]:
    """Give the IDs of what the slice views show."""
    return {node.GetBackgroundVolumeID() for node in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")}


def showPlace(volumeNode: slicer.vtkMRMLScalarVolumeNode, placeIjk: tuple[float, float, float]) -> None:
    """Bring all slice views to a place of a volume, and the place into their middle.

    Parameters
    ----------
    volumeNode : vtkMRMLScalarVolumeNode
        Shown in the slice views where none of them shows it.
    placeIjk : tuple of float
        In its voxels.
    """
    if volumeNode.GetID() not in _backgrounds():
        showVolume(volumeNode)
    ijkToRas, place = vtk.vtkMatrix4x4(), [0.0, 0.0, 0.0]
    volumeNode.GetIJKToRASMatrix(ijkToRas)
    volumeNode.TransformPointToWorld(ijkToRas.MultiplyPoint((*placeIjk, 1.0))[:3], place)
    slicer.vtkMRMLSliceNode.JumpAllSlices(volumeNode.GetScene(), *place, slicer.vtkMRMLSliceNode.CenteredJumpSlice)


def showTable(tableNode: slicer.vtkMRMLTableNode) -> None:
    """Show a table in the application, in the layout most like the present one that has a table."""
    layoutNode = slicer.app.applicationLogic().GetMRMLScene().GetFirstNodeByClass("vtkMRMLLayoutNode")
    if layoutNode is not None:
        layoutNode.SetViewArrangement(slicer.vtkSlicerTablesLogic.GetLayoutWithTable(layoutNode.GetViewArrangement()))
    applicationLogic = slicer.app.applicationLogic()
    applicationLogic.GetSelectionNode().SetActiveTableID(tableNode.GetID())
    applicationLogic.PropagateTableSelection()


def showChart(chartNode: slicer.vtkMRMLPlotChartNode) -> None:
    """Show a chart in the application, in the layout most like the present one that has a chart."""
    slicer.modules.plots.logic().ShowChartInLayout(chartNode)


def showSurfaces(segmentationNode: slicer.vtkMRMLSegmentationNode) -> None:
    """Make the closed surfaces of the segments, which takes seconds, and show them in the views of three dimensions."""
    segmentationNode.CreateDefaultDisplayNodes()
    segmentationNode.CreateClosedSurfaceRepresentation()
    arrangeSurfaces(segmentationNode)


def arrangeSurfaces(segmentationNode: slicer.vtkMRMLSegmentationNode) -> None:
    """Arrange closed surfaces that are there, so that all is seen.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        Lungs that are opaque become translucent, so that airways and vessels are seen in them. When it is seen for the first
        time, the views of three dimensions are centred; later they stay as the user turned them.
    """
    displayNode, segmentation = segmentationNode.GetDisplayNode(), segmentationNode.GetSegmentation()
    for region in (region for region in REGIONS if region.label in (RIGHT_LUNG, LEFT_LUNG)):
        for segmentId in segmentIdsOfRegion(segmentation, region):
            if displayNode.GetSegmentOpacity3D(segmentId) == 1.0:
                displayNode.SetSegmentOpacity3D(segmentId, _LUNG_OPACITY)
    displayNode.SetVisibility3D(True)
    if segmentationNode.GetAttribute(_SHOWN_3D) is None and slicer.app.layoutManager() is not None:
        segmentationNode.SetAttribute(_SHOWN_3D, "1")
        slicer.util.resetThreeDViews()


def _valueRange(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> tuple[float, float]:
    image = volumeNode.GetImageData() if volumeNode else None
    if image is None or image.GetNumberOfPoints() == 0:
        raise InputError(f"the volume {volumeNode.GetName() if volumeNode else 'nothing'!r} has no voxels; load or choose a CT")
    lowest, highest = image.GetScalarRange()
    return lowest, highest
