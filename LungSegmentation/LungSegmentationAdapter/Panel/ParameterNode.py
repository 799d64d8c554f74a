"""What a user chose in the panel, saved with the scene."""

from __future__ import annotations

from slicer import vtkMRMLMarkupsROINode, vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.parameterNodeWrapper import parameterNodeWrapper


@parameterNodeWrapper
class LungSegmentationParameterNode:
    """Parameters of the module.

    Parameters
    ----------
    inputVolume : vtkMRMLScalarVolumeNode
        The chest CT.
    outputSegmentation : vtkMRMLSegmentationNode
        Where the result goes; a new one is made where there is none.
    referenceSegmentation : vtkMRMLSegmentationNode
        What the result is compared with.
    regionOfInterest : vtkMRMLMarkupsROINode
        Box that the result is limited to; the whole scan where there is none.
    method : str
        Key of a method, or ``auto``.
    methodParameters : str
        JSON: for each method's key the parameters that differ from its defaults.
    airways, vessels, tables, plots, surfaces3D, probabilityMap : bool
        What is wanted beside the lungs.
    allFrames : bool
        Whether all frames of a sequence are segmented, not only the one that is shown.
    windowPreset : str
        Key of the window that the user chose last; volumes without a window of their own are shown through it.
    """

    inputVolume: vtkMRMLScalarVolumeNode
    outputSegmentation: vtkMRMLSegmentationNode
    referenceSegmentation: vtkMRMLSegmentationNode
    regionOfInterest: vtkMRMLMarkupsROINode
    method: str = "auto"
    methodParameters: str = "{}"
    airways: bool = True
    vessels: bool = False
    tables: bool = True
    plots: bool = False
    surfaces3D: bool = False
    probabilityMap: bool = False
    allFrames: bool = False
    windowPreset: str = ""
