"""Scans to try the module with: a phantom that is made on the spot, and Slicer's own chest CT."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import slicer

from . import Display, Nodes

CATEGORY = "LungSegmentation"
PHANTOM_NAME = "LungPhantom"


def registerSampleData(thumbnail: Path | None = None) -> None:
    """Offer the phantom in Slicer's module Sample Data; call it when the application has started.

    Parameters
    ----------
    thumbnail : pathlib.Path, optional
        Picture of the phantom, about 260 × 280 pixels.
    """
    from SampleData import SampleDataLogic

    SampleDataLogic.registerCustomSampleDataSource(
        category=CATEGORY,
        sampleName=PHANTOM_NAME,
        uris="",  # one empty entry each: a source without any is refused
        fileNames="",
        nodeNames=PHANTOM_NAME,
        customDownloader=loadPhantom,
        thumbnailFileName=str(thumbnail) if thumbnail else None,
    )


def loadPhantom(source: object = None) -> list[slicer.vtkMRMLScalarVolumeNode]:  # noqa: ARG001  Slicer passes it on
    """Make the phantom, add it to the application's scene, and show it in the lung window.

    Parameters
    ----------
    source : SampleDataSource, optional
        What Slicer passes on when the user clicks the sample; not used.

    Returns
    -------
    list of vtkMRMLScalarVolumeNode
        One node: Slicer's own loaders give lists. It is made anew on each call, always the same.
    """
    from LungSegmentationLib.phantom import make_phantom  # brings SciPy, which start-up need not wait for

    volumeNode = Nodes.addVolumeNode(slicer.mrmlScene, replace(make_phantom().volume, name=PHANTOM_NAME))
    Display.applyPreset(volumeNode)
    Display.showVolume(volumeNode)
    return [volumeNode]
