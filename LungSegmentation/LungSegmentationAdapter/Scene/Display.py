"""How a scan and its result are shown: window presets, tables, charts and surfaces."""

from __future__ import annotations

import slicer

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.labels import LEFT_LUNG, REGIONS, RIGHT_LUNG
from LungSegmentationLib.presets.window_level import WindowLevelPreset, find_preset, preset_with_limits

from .Terminology import segmentIdsOfRegion

_LUNG_OPACITY = 0.4
_CLOSED_SURFACE = "Closed surface"  # the name under which vtkSegmentationConverter keeps it


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
    applicationLogic.PropagateVolumeSelection()


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


def setSurfacesShown(segmentationNode: slicer.vtkMRMLSegmentationNode, shown: bool) -> None:
    """Show or hide the segments in the views of three dimensions.

    Parameters
    ----------
    segmentationNode : vtkMRMLSegmentationNode
        Closed surfaces are made for it, which takes seconds, or removed. Lungs that are opaque become
        translucent, so that airways and vessels are seen in them.
    shown : bool
    """
    if not shown:
        segmentationNode.RemoveClosedSurfaceRepresentation()
        return
    segmentationNode.CreateDefaultDisplayNodes()
    displayNode = segmentationNode.GetDisplayNode()
    segmentation = segmentationNode.GetSegmentation()
    for region in (region for region in REGIONS if region.label in (RIGHT_LUNG, LEFT_LUNG)):
        for segmentId in segmentIdsOfRegion(segmentation, region):
            if displayNode.GetSegmentOpacity3D(segmentId) == 1.0:
                displayNode.SetSegmentOpacity3D(segmentId, _LUNG_OPACITY)
    segmentationNode.CreateClosedSurfaceRepresentation()
    displayNode.SetVisibility3D(True)


def surfacesShown(segmentationNode: slicer.vtkMRMLSegmentationNode) -> bool:
    """Tell whether a segmentation is seen in the views of three dimensions."""
    displayNode = segmentationNode.GetDisplayNode()
    return bool(
        displayNode and displayNode.GetVisibility3D() and segmentationNode.GetSegmentation().ContainsRepresentation(_CLOSED_SURFACE)
    )


def _valueRange(volumeNode: slicer.vtkMRMLScalarVolumeNode) -> tuple[float, float]:
    image = volumeNode.GetImageData() if volumeNode else None
    if image is None or image.GetNumberOfPoints() == 0:
        raise InputError(f"the volume {volumeNode.GetName() if volumeNode else 'nothing'!r} has no voxels; load or choose a CT")
    lowest, highest = image.GetScalarRange()
    return lowest, highest
